package io.rowbell.engine.migration;

import java.util.List;
import java.util.Locale;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.jspecify.annotations.Nullable;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.Schema_qualified_nameContext;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser.SconstContext;

/** Names and texts of one statement as the catalog spells them. */
record SqlNames(SqlStatement statement) {
  /** A name of one or two parts. */
  record Qualified(@Nullable String schema, String name) {}

  Qualified qualified(Schema_qualified_nameContext context) {
    List<String> parts =
        context.children.stream()
            .filter(ParserRuleContext.class::isInstance)
            .map(part -> identifier((ParserRuleContext) part))
            .toList();
    int last = parts.size() - 1;
    return new Qualified(last == 0 ? null : parts.get(last - 1), parts.get(last));
  }

  /** A name: folded to lower case unless it stands between double quotes. */
  String identifier(ParserRuleContext context) {
    String source = statement.source(context);
    boolean quoted = source.length() > 1 && source.startsWith("\"") && source.endsWith("\"");
    return quoted
        ? source.substring(1, source.length() - 1).replace("\"\"", "\"")
        : source.toLowerCase(Locale.ROOT);
  }

  /** A text between single quotes. */
  String text(SconstContext context) {
    String source = statement.source(context);
    boolean quoted = source.length() > 1 && source.startsWith("'") && source.endsWith("'");
    return quoted ? source.substring(1, source.length() - 1).replace("''", "'") : source;
  }

  /** Whether a keyword stands directly in a part of the tree. */
  static boolean has(ParserRuleContext context, String keyword) {
    for (ParseTree child : context.children) {
      if (child.getChildCount() == 0 && child.getText().equalsIgnoreCase(keyword)) {
        return true;
      }
    }
    return false;
  }
}
