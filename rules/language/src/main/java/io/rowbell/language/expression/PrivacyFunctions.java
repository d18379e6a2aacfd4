package io.rowbell.language.expression;

import static io.rowbell.language.expression.RuleFunction.Group.PRIVACY;
import static io.rowbell.language.expression.RuleFunction.function;

import io.rowbell.language.expression.Node.Constant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What lets a value out without telling it. */
final class PrivacyFunctions {
  private static final String STARS = "***";

  static final List<RuleFunction> ALL =
      List.of(
          function(PRIVACY, "mask")
              .form("mask(x)")
              .form("mask(x, keep)")
              .says(
                  "Three stars, however long the value is; with keep, also its last characters, if"
                      + " they are at most half of it.")
              .example("mask('alice@example.com')", "'***'")
              .example("mask('4111111111111111', 4)", "'***1111'")
              .example("mask('12345', 4)", "'***'")
              .built(PrivacyFunctions::mask),
          function(PRIVACY, "hash")
              .form("hash(x)")
              .says(
                  "HMAC-SHA256 of the value's text with the configured key: the same value has the"
                      + " same hash, and nobody without the key can try values out.")
              .example("hash('a') == hash('a')", "true")
              .example("size(hash(price))", "64")
              .built(PrivacyFunctions::hash));

  private PrivacyFunctions() {}

  private static @Nullable Node mask(Call call) {
    List<Node> nodes = call.checker.names.hidden(() -> call.nodes(1, 2));
    if (nodes == null) {
      return null;
    }
    Node keep = nodes.size() == 2 ? nodes.get(1) : new Constant(Type.INT, 0L);
    if (!(keep instanceof Constant constant)
        || !(constant.value() instanceof Long kept)
        || kept < 0) {
      return call.fail("how much mask() keeps must be a constant int");
    }
    Node x = nodes.get(0);
    return Strict.of(Type.TEXT, x, value -> masked(CanonicalText.of(value), kept));
  }

  private static String masked(String text, long keep) {
    long size = Texts.size(text);
    return keep > size / 2 ? STARS : STARS + Texts.substring(text, size - keep, size);
  }

  private static @Nullable Node hash(Call call) {
    List<Node> nodes = call.checker.names.hidden(() -> call.nodes(1, 1));
    KeyedHash keyed = call.checker.scope.hash();
    if (keyed == null) {
      return call.checker.error(
          "E113",
          call.at(),
          "hash() needs a key, and none is configured",
          "configure a secret of at least 16 bytes as the rules' hash key, or use mask(x)");
    }
    return nodes == null
        ? null
        : Strict.of(Type.TEXT, nodes.get(0), value -> keyed.of(CanonicalText.of(value)));
  }
}
