// Groups of four query heads: a tile of three straddles them.
!q = tensor<1x12x8x4xf32>
!k = tensor<1x3x8x4xf32>
func.func @uneven_heads(%q: !q, %k: !k) -> (!q, !k, !k) {
  %dq, %dk, %dv = attn.sigmoid_attention_backward %q, %k, %k, %q : (!q, !k, !k, !q) -> (!q, !k, !k)
  return %dq, %dk, %dv : !q, !k, !k
}
