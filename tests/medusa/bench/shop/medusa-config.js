// One process, nothing outside: no admin UI, caches and events in memory, one database on loopback.
const { defineConfig } = require("@medusajs/framework/utils")

const nobody = "http://localhost:1"

module.exports = defineConfig({
  admin: { disable: true },
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { connection: { ssl: false } },
    http: { storeCors: nobody, adminCors: nobody, authCors: nobody, jwtSecret: "test-shop", cookieSecret: "test-shop" },
  },
})
