import { render } from 'preact'
import { App } from './app.js'
import { startRouter } from './navigation.js'
import './theme.css'
import './page.css'
import './list.css'
import './trace.css'

startRouter()
render(<App />, document.getElementById('app')!)
