/** What routes by path in place of Gatebook's own front, made from the one table of routes. */

const GENERATED = '# Made by `npm run generate` from libs/platform/src/routes. Change the table, not this file.';

/** An Ingress of Kubernetes: `Prefix` goes by whole segments, and the longest one decides. */
export function ingressManifest(routes) {
  const paths = routes.map(
    ({ prefix, home }) =>
      `          - { path: ${prefix}, pathType: Prefix, backend: { service: { name: ${home}, port: { name: http } } } }`,
  );
  return `${GENERATED}
# Host and certificate are yours to set, for example by a patch in an overlay. Not yet run on a cluster.
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: gatebook
  namespace: gatebook
  labels: { app.kubernetes.io/part-of: gatebook }
spec:
  tls:
    - { hosts: [gatebook.example], secretName: gatebook-tls }
  rules:
    - host: gatebook.example
      http:
        paths:
${paths.join('\n')}
`;
}

/** A configuration for nginx, to be included in a \`server\` block. Its prefixes do not go by segments, so each route is two locations. */
export function nginxLocations(routes) {
  const locations = routes.flatMap(({ prefix, home }) =>
    prefix === '/'
      ? [`location / { proxy_pass http://gatebook_${home}; }`]
      : [
          `location = ${prefix} { proxy_pass http://gatebook_${home}; }`,
          `location ${prefix}/ { proxy_pass http://gatebook_${home}; }`,
        ],
  );
  return `${GENERATED}
# Include it in the server block that ends TLS, beside one upstream block per server: see docs/deployment.md.
client_max_body_size 1m;
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Host $host;
proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Forwarded-Proto $scheme;
proxy_set_header X-Request-Id $request_id;
proxy_set_header Forwarded "";
proxy_next_upstream error timeout;

${locations.join('\n')}
`;
}
