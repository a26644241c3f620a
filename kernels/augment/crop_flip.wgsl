// Mirrors a picture of bytes (r, g, b, ignored), pads it with PADDING zeros on all sides and crops
// it back to its size; where the batch has no picture the output becomes zero. One invocation per
// pixel; the second grid axis is the picture.
override PADDING: i32;

@compute @workgroup_size(64)
fn crop_flip(@builtin(global_invocation_id) id: vec3<u32>) {
  let header = headers[id.y];
  if (id.x >= WIDTH * HEIGHT) {
    return;
  }
  if (header.destination == NOWHERE) {
    // What the memory happens to hold may be no number, which would spread by a factor of zero.
    normalised[id.y * (WIDTH * HEIGHT) + id.x] = vec4(0.0);
    return;
  }
  // Not as vectors: naga 29 panics on a vector of override constants that is used in a branch.
  let x = i32(id.x % WIDTH) + header.left - PADDING;
  let y = i32(id.x / WIDTH) + header.top - PADDING;
  var color = vec4(0.0);
  if (x >= 0 && y >= 0 && x < i32(WIDTH) && y < i32(HEIGHT)) {
    let column = select(x, i32(WIDTH) - 1 - x, header.flip != 0u);
    color = unpack4x8unorm(pictures[id.y * (WIDTH * HEIGHT) + u32(y * i32(WIDTH) + column)]);
  }
  store(header.destination, Point(id.y, id.x), color);
}
