export { io, Manager } from "socket.io-client"
