/** For servers of tests alone: signed by itself, for localhost and 127.0.0.1, for a hundred years. The key is as public as this file. */
export const TEST_CERTIFICATE: { readonly key: string; readonly cert: string } = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1BSdqkw6hea2wKHk
WCNzCe36xriPdlwIoaDFW7ZOgXyhRANCAAT2Mr1etR1vdwFi8m11vKwUjjhnRXZc
mP2as1WawlyRVCsb2ZavzS5YOg5jU/64FLVM/13bIsiRj3EbgMSRkmuo
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUNa6yofIRtNdkF17lZTTc3K3CqbowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTEwNDkxOFoYDzIxMjYxMDI4
MTA0OTE4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT2Mr1etR1vdwFi8m11vKwUjjhnRXZcmP2as1WawlyRVCsb2ZavzS5Y
Og5jU/64FLVM/13bIsiRj3EbgMSRkmuoo28wbTAdBgNVHQ4EFgQUJrX5QQEGpyMy
l+ZpoN9BRqMchjUwHwYDVR0jBBgwFoAUJrX5QQEGpyMyl+ZpoN9BRqMchjUwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAJw7f7pTUxsY92QZJjj0VpyI+fEQtXb+i/GBq+XESt3wAiEA
8pTQ779pOZGRFZ6nwJ2FUxalgO6HQbjGFEHfui9iVxE=
-----END CERTIFICATE-----
`,
}
