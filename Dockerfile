# One image for every program; the command chooses: node dist/apps/<program>/main.js
# Another image with Node and npm: docker build --build-arg NODE_IMAGE=…
ARG NODE_IMAGE=node:20-bookworm-slim
FROM ${NODE_IMAGE} AS build
WORKDIR /holdfast
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /holdfast
COPY --from=build /holdfast/package.json ./
COPY --from=build /holdfast/node_modules ./node_modules
COPY --from=build /holdfast/dist ./dist
USER node
# No npm in between: the program itself must get the signal that asks it to stop.
CMD ["node", "dist/apps/worker/main.js"]
