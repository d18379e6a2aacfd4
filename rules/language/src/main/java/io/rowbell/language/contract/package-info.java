/**
 * What consumers may rely on: the events that rules make, each with the JSON Schema of its data.
 *
 * <p>{@link io.rowbell.language.contract.RuleOutput}s, one for each event of each rule, are put
 * together to a {@link io.rowbell.language.contract.Contract}, which {@link
 * io.rowbell.language.contract.AsyncApi} writes and reads as an AsyncAPI document and {@link
 * io.rowbell.language.contract.ContractDiff} compares with an earlier one. Schemas are JSON trees
 * of {@link io.rowbell.language.contract.JsonTree}; {@link io.rowbell.language.contract.JsonSchema}
 * makes them and knows their few words.
 */
@NullMarked
package io.rowbell.language.contract;

import org.jspecify.annotations.NullMarked;
