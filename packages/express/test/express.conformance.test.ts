import { adapterConformance } from '@clew/testkit'
import express from 'express'
import express4 from 'express4'
import { createApp } from './create-app.js'

adapterConformance({ name: 'express', version: '5', http2: false, create: (spec) => createApp(express, spec) })
adapterConformance({ name: 'express', version: '4', http2: false, create: (spec) => createApp(express4, spec) })
