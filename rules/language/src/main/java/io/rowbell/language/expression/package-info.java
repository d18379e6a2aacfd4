/**
 * Expressions: CEL's published parser, a type checker of our own against the table's columns, and
 * an evaluator made of nodes specialised by type.
 *
 * <p>The flow: {@link io.rowbell.language.expression.ExpressionCompiler} turns text into an {@link
 * io.rowbell.language.expression.Expression} or notes every problem; an {@link
 * io.rowbell.language.expression.Evaluation} holds one change; the two together give a value, a
 * {@link io.rowbell.language.expression.Truth}, or say that PostgreSQL did not log what is needed.
 * Inside: {@code Syntax} parses and knows every place, {@code Checker} goes through the tree,
 * {@code Names} resolves names, {@code Operators} types operators, {@code Functions} lists the
 * functions; out come {@code Node}s.
 *
 * <p>To add a function: declare it, with its body and at least one example, in the list of its
 * group ({@code TextFunctions} and so on). The example is a test then, and {@code
 * FunctionReferenceTest} says how to write {@code docs/functions.md} anew.
 *
 * <p>Unknown has two values inside: what follows from null ({@code Node.UNKNOWN}, null in data) and
 * what follows from a value that was not logged ({@code Row.NOT_LOGGED}, left out of data). A
 * column whose name CEL cannot write is reached by {@code after["Größe"]}.
 *
 * <p>Decisions of 2026-11-20:
 *
 * <ul>
 *   <li>CEL's own checker and runtime are not used: its literals are doubles where ours are exact,
 *       it has no unknown and no null-safety, its messages cannot say what a column's author needs,
 *       and it takes hundreds of milliseconds and more jars to start. Of {@code dev.cel} only
 *       {@code compiler} and {@code common} are needed, with guava, antlr4-runtime and, for {@code
 *       b'...'} alone, protobuf-java.
 *   <li>CEL's macros stay calls in the tree and are expanded by the checker, which knows the types.
 *   <li>A literal with a point or an exponent is numeric; it becomes a double only where it meets
 *       one. So does every other constant.
 *   <li>A quotient stays a fraction until its value is needed; {@code * - abs} keep it one. So
 *       comparing it is exact.
 *   <li>Durations are intervals: there is one type for spans of time, in microseconds.
 *   <li>A text constant compared with a date, a time, an interval, a uuid or an enum is read as one
 *       when the rule is compiled; a label that the enum has not is an error there.
 *   <li>{@code pct_change} from 0 is unknown, and no error: a first price is no poison.
 *   <li>JSON values are compared for sameness as they are; to order or to compute, say what they
 *       are.
 * </ul>
 */
@NullMarked
package io.rowbell.language.expression;

import org.jspecify.annotations.NullMarked;
