// Escape-time pictures. With picture.wgsl and escape.wgsl.
override KIND: u32;

@group(0) @binding(3) var<storage, read> orbits: array<Orbit>;

// What the palette shows of an orbit: its smoothed count between the usual least and most, the trap,
// and the root it came to.
fn orbit_value(orbit: Orbit, p: vec2<f32>) -> f32 {
  var end: Escape;
  if (orbit.formula == NEWTON) { end = newton(orbit, p); } else { end = escape(orbit, p); }
  let level = (log2(end.smooth_count + 1.0) - orbit.low) * orbit.inverse_span;
  let never = end.count == orbit.iterations && orbit.formula != NEWTON;
  let trapped = sqrt(min(end.trapped, 4.0));
  let root = atan2(end.z.y, end.z.x) / 6.2831853;
  // Points that never escape show the trap alone: else they would be one flat colour.
  return select(level + orbit.trap_weight * trapped + orbit.root_weight * root, 1.5 * trapped, never);
}

@compute @workgroup_size(8, 8)
fn escape_time(@builtin(global_invocation_id) id: vec3<u32>) {
  let slot = id.z;
  let picture = pictures[slot];
  if (picture.kind != KIND || id.x >= SIZE || id.y >= SIZE) { return; }
  let orbit = orbits[slot];
  var color = vec3(0.0);
  var slope = vec2(0.0);
  for (var k = 0u; k < 4u; k++) {
    let value = orbit_value(orbit, sample_point(picture, id.xy, k));
    color += palette_color(slot, picture.cycles * value + picture.offset);
    slope += (vec2(f32(k & 1u), f32(k >> 1u)) * 2.0 - 1.0) * value;
  }
  let light = relief_light(picture, slope * f32(SIZE));
  write_pixel(slot, id.xy, color * 0.25 * light);
}
