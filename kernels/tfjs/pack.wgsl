// Tensors of r, g, b (pixels × 3) as the bytes r, g, b, 0 that the augmentation reads.
@group(0) @binding(0) var<storage, read> floats: array<f32>;
@group(0) @binding(1) var<storage, read> ints: array<i32>;
@group(0) @binding(2) var<storage, read_write> packed: array<u32>;

// round(255 v) for v in [0, 1], halves up, exactly: v is a fraction of 24 bits and a power of two, and
// 255 times the fraction fits 32 bits. What is no number becomes 0.
fn byte_of_float(v: f32) -> u32 {
  let bits = bitcast<u32>(v);
  // Below 2^-9, negative ones included, 255 v is below a half.
  if ((bits >> 31u) == 1u || bits < 0x3b000000u || bits > 0x7f800000u) { return 0u; }
  if (bits >= 0x3f800000u) { return 255u; }
  let product = 255u * ((bits & 0x7fffffu) | 0x800000u);
  let shift = 150u - (bits >> 23u);
  return ((product >> (shift - 1u)) + 1u) >> 1u;
}

fn byte_of_int(v: i32) -> u32 {
  return u32(clamp(v, 0, 255));
}

fn place(id: vec3<u32>, size: vec3<u32>) -> u32 {
  return id.y * size.x * 64u + id.x;
}

@compute @workgroup_size(64)
fn pack_float32(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = place(id, size);
  if (i >= arrayLength(&packed)) { return; }
  let r = byte_of_float(floats[3u * i]);
  let g = byte_of_float(floats[3u * i + 1u]);
  let b = byte_of_float(floats[3u * i + 2u]);
  packed[i] = r | (g << 8u) | (b << 16u);
}

@compute @workgroup_size(64)
fn pack_int32(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = place(id, size);
  if (i >= arrayLength(&packed)) { return; }
  let r = byte_of_int(ints[3u * i]);
  let g = byte_of_int(ints[3u * i + 1u]);
  let b = byte_of_int(ints[3u * i + 2u]);
  packed[i] = r | (g << 8u) | (b << 16u);
}
