// What Scalar would fetch from or say to anybody else is turned off here, and forbidden by the page's policy besides.
const quiet = { agent: { disabled: true } }
Scalar.createApiReference("#reference", {
  sources: [
    { title: "v4", slug: "v4", url: "/openapi/v4.json", default: true, ...quiet },
    { title: "v3", slug: "v3", url: "/openapi/v3.json", ...quiet },
  ],
  ...quiet,
  mcp: { disabled: true },
  telemetry: false,
  withDefaultFonts: false,
  hideClientButton: true,
  showDeveloperTools: "never",
  documentDownloadType: "json",
  theme: "default",
  defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
  persistAuth: false,
  authentication: { preferredSecurityScheme: "api_key" },
})
