// What the runs see of a client, whoever made it: {doc, isReady(), pending(), sendNow(), close()}.
const MAKERS = {
  portal: () => import("./portal.mjs"),
  hocuspocus: () => import("./hocuspocus.mjs"),
  "y-websocket": () => import("./y-websocket.mjs"),
}

/** A function that makes the client number `person` of a document on one of the job's servers, in turn. */
export async function maker(job) {
  const { connect } = await MAKERS[job.client]()
  return (document, person) => connect(job, { document, person, port: job.ports[person % job.ports.length] })
}
