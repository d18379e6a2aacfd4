package io.rowbell.language.expression;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A function or a word of the language: its name, what it is for, examples, and what makes its
 * node. This one declaration is what the checker, the reference table and the tests know of it.
 */
final class RuleFunction {
  /** The reference's headings. */
  enum Group {
    CHANGE("The change"),
    NUMBERS("Numbers"),
    TEXT("Text"),
    NULL_AND_JSON("Null and JSON"),
    TIME("Time"),
    LISTS("Lists"),
    WINDOWS("Windows"),
    PRIVACY("Privacy");

    final String title;

    Group(String title) {
      this.title = title;
    }
  }

  /** Checks a call's arguments and makes its node. */
  interface Build {
    /** Null after a problem. */
    @Nullable Node build(Call call);
  }

  /**
   * An expression on the reference's sample row, and one that is the same.
   *
   * @param result an expression, {@code unknown}, or the code of the error
   */
  record Example(String expression, String result) {}

  private final Group group;
  private final String name;
  private final boolean word;
  private final List<String> forms;
  private final List<Example> examples;
  private final String summary;
  private final Build build;

  private RuleFunction(Declaration declaration, Build build) {
    this.group = declaration.group;
    this.name = declaration.name;
    this.word = declaration.word;
    this.forms = List.copyOf(declaration.forms);
    this.examples = List.copyOf(declaration.examples);
    this.summary = declaration.summary;
    this.build = build;
  }

  /** Starts the declaration of a function. */
  static Declaration function(Group group, String name) {
    return new Declaration(group, name, false);
  }

  /** Starts the declaration of a word: a name without arguments. */
  static Declaration word(String name) {
    return new Declaration(Group.CHANGE, name, true).form(name);
  }

  Group group() {
    return group;
  }

  String name() {
    return name;
  }

  boolean word() {
    return word;
  }

  /** How it is written, for example {@code round(x, digits)}. */
  List<String> forms() {
    return forms;
  }

  String summary() {
    return summary;
  }

  List<Example> examples() {
    return examples;
  }

  @Nullable Node build(Call call) {
    return build.build(call);
  }

  /** A declaration that is being written. */
  static final class Declaration {
    private final Group group;
    private final String name;
    private final boolean word;
    private final List<String> forms = new ArrayList<>();
    private final List<Example> examples = new ArrayList<>();
    private String summary = "";

    private Declaration(Group group, String name, boolean word) {
      this.group = group;
      this.name = name;
      this.word = word;
    }

    Declaration form(String form) {
      forms.add(form);
      return this;
    }

    Declaration says(String text) {
      summary = text;
      return this;
    }

    Declaration example(String expression, String result) {
      examples.add(new Example(expression, result));
      return this;
    }

    RuleFunction built(Build build) {
      return new RuleFunction(this, build);
    }
  }
}
