import { adapterConformance } from '@clew/testkit'
import express from 'express'
import express4 from 'express4'
import { createApp } from './create-app.js'

adapterConformance({ name: 'express', version: '5', create: (spec) => createApp(express, spec) })
adapterConformance({ name: 'express', version: '4', create: (spec) => createApp(express4, spec) })
