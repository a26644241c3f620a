;; Two passes of Pillow's resampling of 8-bit pictures, bit for bit: sums of pixels times weights
;; in units of 2^-22, half a unit added, shifted and clipped.
;;
;; A weight w is two 16-bit numbers, w = 2048 * high + low, so that one `dot` multiplies two
;; neighbours of four channels at once; weights add up to about 2^22, so no sum leaves 32 bits.
;; Sums of low parts begin with the half unit, 0x200000. Nothing is called: a call for each pixel
;; takes as long as its sums.
;; A table of weights has, for each output, `pairs` times (high of tap 2k, high of tap 2k + 1,
;; low of tap 2k, low of tap 2k + 1); a last tap that is left over has a partner of weight 0, and
;; what lies behind the input is read for it. `first` holds where the taps of an output begin, as
;; bytes from the start of the line or of the column.
(module
  (memory (export "memory") 1)

  ;; Lines of pixels of `step` (3 or 4) bytes at `input` to lines of `outputs` pixels of 4 bytes.
  (func (export "horizontal")
    (param $input i32) (param $line_bytes i32) (param $step i32) (param $lines i32)
    (param $first i32) (param $weights i32) (param $pairs i32)
    (param $outputs i32) (param $output i32) (param $out_line_bytes i32)
    (local $line i32) (local $i i32) (local $k i32) (local $from i32) (local $weight i32)
    (local $spread v128) (local $pixels v128) (local $high v128) (local $low v128)
    ;; Bytes of two pixels as red, red, green, green, ... of 16 bits each: above 15 stands for 0.
    (local.set $spread
      (if (result v128) (i32.eq (local.get $step) (i32.const 3))
        (then (v128.const i8x16 0 99 3 99 1 99 4 99 2 99 5 99 99 99 99 99))
        (else (v128.const i8x16 0 99 4 99 1 99 5 99 2 99 6 99 3 99 7 99))))
    (block $done
      (loop $next_line
        (br_if $done (i32.ge_s (local.get $line) (local.get $lines)))
        (local.set $i (i32.const 0))
        (local.set $weight (local.get $weights))
        (loop $next_output
          (local.set $from
            (i32.add (local.get $input)
              (i32.load (i32.add (local.get $first) (i32.shl (local.get $i) (i32.const 2))))))
          (local.set $high (v128.const i32x4 0 0 0 0))
          (local.set $low
            (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
          (local.set $k (local.get $pairs))
          (loop $next_pair
            (local.set $pixels
              (i8x16.swizzle (v128.load64_zero (local.get $from)) (local.get $spread)))
            (local.set $high
              (i32x4.add (local.get $high)
                (i32x4.dot_i16x8_s (local.get $pixels) (v128.load32_splat (local.get $weight)))))
            (local.set $low
              (i32x4.add (local.get $low)
                (i32x4.dot_i16x8_s (local.get $pixels)
                  (v128.load32_splat offset=4 (local.get $weight)))))
            (local.set $from
              (i32.add (local.get $from) (i32.shl (local.get $step) (i32.const 1))))
            (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
            (br_if $next_pair (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
          (local.set $high
            (i32x4.shr_s
              (i32x4.add (i32x4.shl (local.get $high) (i32.const 11)) (local.get $low))
              (i32.const 22)))
          (local.set $high (i16x8.narrow_i32x4_s (local.get $high) (local.get $high)))
          (i32.store
            (i32.add (local.get $output) (i32.shl (local.get $i) (i32.const 2)))
            (i32.or
              (i32x4.extract_lane 0 (i8x16.narrow_i16x8_u (local.get $high) (local.get $high)))
              (i32.const 0xff000000)))
          (br_if $next_output
            (i32.lt_s
              (local.tee $i (i32.add (local.get $i) (i32.const 1)))
              (local.get $outputs))))
        (local.set $input (i32.add (local.get $input) (local.get $line_bytes)))
        (local.set $output (i32.add (local.get $output) (local.get $out_line_bytes)))
        (local.set $line (i32.add (local.get $line) (i32.const 1)))
        (br $next_line))))

  ;; Lines of `line_bytes` bytes, a multiple of 16, at `input` to `outputs` such lines.
  (func (export "vertical")
    (param $input i32) (param $line_bytes i32)
    (param $first i32) (param $weights i32) (param $pairs i32)
    (param $outputs i32) (param $output i32)
    (local $i i32) (local $x i32) (local $k i32) (local $from i32) (local $weight i32)
    (local $a v128) (local $b v128) (local $near v128) (local $far v128) (local $pixels v128)
    (local $by_high v128) (local $by_low v128)
    (local $high0 v128) (local $high1 v128) (local $high2 v128) (local $high3 v128)
    (local $low0 v128) (local $low1 v128) (local $low2 v128) (local $low3 v128)
    (block $done
      (loop $next_output
        (br_if $done (i32.ge_s (local.get $i) (local.get $outputs)))
        (local.set $x (i32.const 0))
        (loop $next_four
          (local.set $from
            (i32.add (i32.add (local.get $input) (local.get $x))
              (i32.load (i32.add (local.get $first) (i32.shl (local.get $i) (i32.const 2))))))
          (local.set $weight
            (i32.add (local.get $weights)
              (i32.shl (i32.mul (local.get $i) (local.get $pairs)) (i32.const 3))))
          (local.set $high0 (v128.const i32x4 0 0 0 0))
          (local.set $high1 (local.get $high0))
          (local.set $high2 (local.get $high0))
          (local.set $high3 (local.get $high0))
          (local.set $low0
            (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
          (local.set $low1 (local.get $low0))
          (local.set $low2 (local.get $low0))
          (local.set $low3 (local.get $low0))
          (local.set $k (local.get $pairs))
          (loop $next_pair
            (local.set $a (v128.load (local.get $from)))
            (local.set $b (v128.load (i32.add (local.get $from) (local.get $line_bytes))))
            (local.set $near
              (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
                (local.get $a) (local.get $b)))
            (local.set $far
              (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31
                (local.get $a) (local.get $b)))
            (local.set $by_high (v128.load32_splat (local.get $weight)))
            (local.set $by_low (v128.load32_splat offset=4 (local.get $weight)))
            (local.set $pixels (i16x8.extend_low_i8x16_u (local.get $near)))
            (local.set $high0
              (i32x4.add (local.get $high0)
                (i32x4.dot_i16x8_s (local.get $pixels) (local.get $by_high))))
            (local.set $low0
              (i32x4.add (local.get $low0)
                (i32x4.dot_i16x8_s (local.get $pixels) (local.get $by_low))))
            (local.set $pixels (i16x8.extend_high_i8x16_u (local.get $near)))
            (local.set $high1
              (i32x4.add (local.get $high1)
                (i32x4.dot_i16x8_s (local.get $pixels) (local.get $by_high))))
            (local.set $low1
              (i32x4.add (local.get $low1)
                (i32x4.dot_i16x8_s (local.get $pixels) (local.get $by_low))))
            (local.set $pixels (i16x8.extend_low_i8x16_u (local.get $far)))
            (local.set $high2
              (i32x4.add (local.get $high2)
                (i32x4.dot_i16x8_s (local.get $pixels) (local.get $by_high))))
            (local.set $low2
              (i32x4.add (local.get $low2)
                (i32x4.dot_i16x8_s (local.get $pixels) (local.get $by_low))))
            (local.set $pixels (i16x8.extend_high_i8x16_u (local.get $far)))
            (local.set $high3
              (i32x4.add (local.get $high3)
                (i32x4.dot_i16x8_s (local.get $pixels) (local.get $by_high))))
            (local.set $low3
              (i32x4.add (local.get $low3)
                (i32x4.dot_i16x8_s (local.get $pixels) (local.get $by_low))))
            (local.set $from
              (i32.add (local.get $from) (i32.shl (local.get $line_bytes) (i32.const 1))))
            (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
            (br_if $next_pair (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
          (v128.store (i32.add (local.get $output) (local.get $x))
            (v128.or
              (i8x16.narrow_i16x8_u
                (i16x8.narrow_i32x4_s
                  (i32x4.shr_s
                    (i32x4.add (i32x4.shl (local.get $high0) (i32.const 11)) (local.get $low0))
                    (i32.const 22))
                  (i32x4.shr_s
                    (i32x4.add (i32x4.shl (local.get $high1) (i32.const 11)) (local.get $low1))
                    (i32.const 22)))
                (i16x8.narrow_i32x4_s
                  (i32x4.shr_s
                    (i32x4.add (i32x4.shl (local.get $high2) (i32.const 11)) (local.get $low2))
                    (i32.const 22))
                  (i32x4.shr_s
                    (i32x4.add (i32x4.shl (local.get $high3) (i32.const 11)) (local.get $low3))
                    (i32.const 22))))
              (v128.const i32x4 0xff000000 0xff000000 0xff000000 0xff000000)))
          (br_if $next_four
            (i32.lt_s
              (local.tee $x (i32.add (local.get $x) (i32.const 16)))
              (local.get $line_bytes))))
        (local.set $output (i32.add (local.get $output) (local.get $line_bytes)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next_output)))))
