// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{expected 'causal' or 'window', got 'diagonal'}}
#mask_keyword = #attn.mask<diagonal>

// -----

// expected-error@+1 {{expected a left bound in [0, 4611686018427387904), got -1}}
#mask_left = #attn.mask<window -1, 0>

// -----

// expected-error@+1 {{expected a right bound in [0, 4611686018427387904), got 4611686018427387904}}
#mask_right = #attn.mask<window *, 4611686018427387904>

// -----

// expected-error@+1 {{expected integer value}}
#mask_bound = #attn.mask<window all, 0>

// -----

// expected-error@+1 {{expected ','}}
#mask_one_bound = #attn.mask<window 3>
