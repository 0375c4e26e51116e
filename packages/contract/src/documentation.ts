import { Type } from 'typebox'
import { operation } from './operation.ts'
import { strict } from './shapes.ts'

export const getOpenApi = operation({
  id: 'getOpenApi',
  method: 'GET',
  path: '/v1/openapi.json',
  tag: 'Documentation',
  summary: 'This document',
  security: 'none',
  rateLimit: 'none',
  answers: {
    200: {
      description: 'The API as OpenAPI 3.1.',
      schema: Type.Object({ openapi: Type.String() }, { additionalProperties: true }),
      example: { openapi: '3.1.0' },
    },
  },
  problems: [],
})

export const getProblemPage = operation({
  id: 'getProblemPage',
  method: 'GET',
  path: '/errors/:slug',
  tag: 'Documentation',
  summary: 'What a problem means and what to do',
  security: 'none',
  rateLimit: 'none',
  params: strict({
    slug: Type.String({
      pattern: '^[a-z-]{1,64}$',
      description: 'Last part of the problem’s type.',
      examples: ['not-found'],
    }),
  }),
  answers: {
    200: {
      description: 'A page for people.',
      schema: Type.String(),
      contentType: 'text/html',
      example: '<!doctype html>…',
    },
  },
  problems: ['not-found'],
})
