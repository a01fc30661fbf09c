/** The grammar of `spec.kv`. */
import { expect, test } from "vitest";
import { grammar, mismatches } from "./scopes.ts";

const kv = await grammar("source.countersign-pipeline");
const scopes = (marked: string): void => expect(mismatches(kv, marked)).toEqual([]);

test("every line of a spec has a key in segments and a value of its kind", () => {
  scopes(`
|v=1
 ^   support.type.property-name
  ^  punctuation.separator.key-value
   ^ constant.numeric.version
|model=single_ring
       ^^^^^^^^^^^ constant.language
|name=a = b
      ^^^^^ string.unquoted
|single_ring.shards=1
 ^^^^^^^^^^^          support.type.property-name
            ^         punctuation.separator.dot
                    ^ constant.numeric
|single_ring.ordering=strict
                      ^^^^^^ constant.language
|single_ring.stages.10.id=count
                    ^^          constant.numeric.index
                          ^^^^^ entity.name.function.stage
|single_ring.stages.0.depends_on.count=1
                                       ^ constant.numeric
`);
});

test("stage keys have their family, target and arguments", () => {
  scopes(`
|single_ring.stages.0.stage=identity
                            ^^^^^^^^ keyword.other.stage-family
|single_ring.stages.1.stage=exec:/usr/bin/wc|-c||a b
                            ^^^^                     keyword.other.stage-family
                                 ^^^^^^^^^^^         entity.name.function.program
                                            ^        punctuation.separator.argument
                                             ^^      string.unquoted.argument
                                               ^^    punctuation.separator.argument
                                                 ^^^ string.unquoted.argument
|single_ring.stages.2.stage=http_post:https://a.example/b?c=d
                            ^^^^^^^^^                        keyword.other.stage-family
                                      ^^^^^^^^^^^^^^^^^^^^^^^ string.unquoted.url
`);
});

test("what the format refuses is marked, and half a line is not", () => {
  scopes(`
|# a comment
 ^^^^^^^^^^^ comment.line invalid.illegal.comment
|v=2
   ^ invalid.illegal.version
|single_ring.shards=many
                    ^^^^ invalid.illegal.value
|single_ring.stages.0.stage=ftp:x
                            ^^^^^ invalid.illegal.stage-key
|single_ring.stages.0.stage=http_post:https://a#b
                            ^^^^^^^^^^^^^^^^^^^^^ invalid.illegal.stage-key
|single_ring.stages.0.sta
 ^^^^^^^^^^^^^^^^^^^^^^^^ !invalid
|single_ring.stages.0.stage=
 ^^^^^^^^^^^ support.type.property-name !invalid
|v=1
   ^ constant.numeric
`);
});
