// Philox4x32-10 (Salmon et al. 2011): four independent u32 for each (counter, key).
fn multiply_wide(a: u32, b: u32) -> vec2<u32> {
  let ah = a >> 16u;
  let al = a & 0xffffu;
  let bh = b >> 16u;
  let bl = b & 0xffffu;
  let high = ah * bl + ((al * bl) >> 16u);
  let low = al * bh + (high & 0xffffu);
  return vec2(ah * bh + (high >> 16u) + (low >> 16u), a * b);
}

fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let p = multiply_wide(0xD2511F53u, c.x);
    let q = multiply_wide(0xCD9E8D57u, c.z);
    c = vec4(q.x ^ c.y ^ k.x, q.y, p.x ^ c.w ^ k.y, p.y);
    k += vec2(0x9E3779B9u, 0xBB67AE85u);
  }
  return c;
}

// The upper 24 bits as numbers in [0, 1): the same f32 as Stream.uniform() in lib/random.
fn uniform01(bits: vec4<u32>) -> vec4<f32> {
  return vec4<f32>(bits >> vec4(8u)) * 0x1p-24f;
}
