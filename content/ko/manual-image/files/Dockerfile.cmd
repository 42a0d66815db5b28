FROM busybox
CMD ["echo", "hello", "image"]
