// Package images sees to it that the four images of the course are in the Docker engine: busybox, Node.js, a registry
// and kind's node image. Where a registry can be reached they are pulled by digest. Where none can be, stand-ins are built
// from Debian packages and Go modules, labelled as such, and put under the original's name.
//
// What was built once stays in a cache folder; every file and image appears there whole or not at all, so that a build
// can be interrupted at any time and the next one goes on where it ended.
package images
