// RUN: sigmoid-attn-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{expected consumers to be from 1 to 4, got 5}}
#consumers = #attn.schedule<query_tile = 320, key_tile = 64, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 5, producer_registers = 24, consumer_registers = 96, loop = chunked>

// -----

// expected-error@+1 {{expected key_tile to be a multiple of 16 from 16 to 256, got 72}}
#key_tile = #attn.schedule<query_tile = 64, key_tile = 72, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = chunked>

// -----

// expected-error@+1 {{expected value_stages to be from 1 to 16, got 0}}
#stages = #attn.schedule<query_tile = 64, key_tile = 64, query_stages = 1, key_stages = 2, value_stages = 0, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = chunked>

// -----

// expected-error@+1 {{expected consumer_registers to be a multiple of 8 from 24 to 240, got 250}}
#registers = #attn.schedule<query_tile = 64, key_tile = 64, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 250, loop = chunked>

// -----

// expected-error@+1 {{expected cluster to be from 1 to 2, got 4}}
#cluster = #attn.schedule<query_tile = 64, key_tile = 64, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = chunked, cluster = 4>

// -----

// expected-error@+1 {{expected output_columns to be a multiple of 64 from 0 to 256, got 80}}
#output_columns = #attn.schedule<query_tile = 64, key_tile = 64, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = chunked, output_columns = 80>

// -----

// expected-error@+1 {{expected query_tile to be 64 for each of 2 consumers, got 192}}
#query_tile = #attn.schedule<query_tile = 192, key_tile = 64, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 2, producer_registers = 24, consumer_registers = 96, loop = chunked>

// -----

// expected-error@+1 {{expected 2 or more consumers to take turns, got 1}}
#alone = #attn.schedule<query_tile = 64, key_tile = 64, query_stages = 1, key_stages = 2, value_stages = 2, consumers = 1, producer_registers = 24, consumer_registers = 96, loop = pipelined, ping_pong = true>
