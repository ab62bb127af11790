!t = tensor<?x?x?x64xbf16>

func.func @attend(%q: !t, %k: !t, %v: !t, %scale: f32, %bias: f32) -> !t {
  %o = attn.sigmoid_attention %q, %k, %v scale(%scale) bias(%bias) : (!t, !t, !t) -> !t
  return %o : !t
}
