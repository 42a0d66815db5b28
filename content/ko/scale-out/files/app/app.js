'use strict';

const http = require('http');
const os = require('os');

// 두 번째 판부터는 이미지가 VERSION을 정하고, 대답에 판이 붙습니다.
const version = process.env.VERSION ? ` (${process.env.VERSION})` : '';

const server = http.createServer((request, response) => {
  // IPv6 소켓은 IPv4 주소를 ::ffff:10.0.0.1처럼 보여 주므로 앞부분을 뗍니다.
  const caller = String(request.socket.remoteAddress).replace(/^::ffff:/, '');
  console.log(`Received request from ${caller}`);
  response.end(`You've hit ${os.hostname()}${version}\n`);
});

server.listen(8080, () => console.log('Kubia server listening on port 8080'));

// docker stop과 쿠버네티스는 SIGTERM으로 끝내 달라고 합니다. 처리하지 않으면 기다렸다가 강제로 끝냅니다.
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
