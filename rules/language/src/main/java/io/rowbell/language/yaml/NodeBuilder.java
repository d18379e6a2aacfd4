package io.rowbell.language.yaml;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;

/** Builds nodes from the parser's events, within the bounds. */
final class NodeBuilder {
  private final SourceText source;
  private final Set<Integer> broken;
  private final Problems problems;
  private int nodes;
  private int flowDepth;

  /**
   * @param broken where scalars begin that stand for a value which was reported and blanked
   */
  NodeBuilder(SourceText source, Set<Integer> broken, Problems problems) {
    this.source = source;
    this.broken = broken;
    this.problems = problems;
  }

  /** Signals that a bound was passed: the issue is noted, the rest is not worth reading. */
  private static final class BoundPassed extends Exception {
    private static final long serialVersionUID = 1L;

    BoundPassed() {
      super("a bound was passed", null, false, false);
    }
  }

  /**
   * @return the only document, or null if there is none or it cannot be read
   * @throws org.snakeyaml.engine.v2.exceptions.YamlEngineException if the text is no YAML
   */
  @Nullable YamlNode read(Iterable<Event> parsed) {
    Iterator<Event> events = parsed.iterator();
    YamlNode document = null;
    int documents = 0;
    try {
      while (events.hasNext()) {
        Event event = events.next();
        if (event.getEventId() != Event.ID.DocumentStart) {
          continue;
        }
        if (documents++ > 0) {
          problems.error(
              Codes.NOT_YAML,
              at(event.getStartMark()),
              "a second document begins here, and a file holds one",
              "remove the '---', or make it a file of its own");
          return null;
        }
        document = node(events, events.next(), 1);
      }
    } catch (BoundPassed e) {
      return null;
    }
    if (document == null) {
      problems.error(
          Codes.NOT_YAML,
          source.start(),
          "the file holds nothing",
          "write into it, or name another file");
    }
    return document;
  }

  private YamlNode node(Iterator<Event> events, Event event, int depth) throws BoundPassed {
    Location location = at(event.getStartMark());
    if (depth > YamlReader.MAX_DEPTH) {
      throw bound(location, "nested deeper than " + YamlReader.MAX_DEPTH + " levels");
    }
    if (++nodes > YamlReader.MAX_NODES) {
      throw bound(location, "the file holds more than " + YamlReader.MAX_NODES + " nodes");
    }
    boolean refused = refused((NodeEvent) event, location);
    if (event instanceof CollectionStartEvent start) {
      flowDepth += start.isFlow() ? 1 : 0;
      YamlNode collection =
          event.getEventId() == Event.ID.MappingStart
              ? map(events, location, depth)
              : list(events, location, depth);
      flowDepth -= start.isFlow() ? 1 : 0;
      return refused ? brokenScalar(event) : collection;
    }
    return event instanceof ScalarEvent scalar && !refused ? scalar(scalar) : brokenScalar(event);
  }

  /** Tags, anchors and aliases: nobody means them here. */
  private boolean refused(NodeEvent event, Location location) {
    if (event instanceof AliasEvent) {
      problems.error(
          Codes.YAML_TRAP,
          location,
          "YAML reads a value that begins with '*' as an alias",
          YamlTrap.QUOTE_IT);
      return true;
    }
    if (event.getAnchor().isPresent()) {
      problems.error(
          Codes.YAML_TRAP,
          location,
          "YAML reads a value that begins with '&' as an anchor",
          YamlTrap.QUOTE_IT);
      return true;
    }
    boolean tagged =
        event instanceof ScalarEvent scalar
            ? scalar.getTag().isPresent()
            : event instanceof CollectionStartEvent start && start.getTag().isPresent();
    if (tagged) {
      problems.error(
          Codes.YAML_TRAP,
          location,
          "YAML reads a value that begins with '!' as a tag",
          YamlTrap.QUOTE_IT);
    }
    return tagged;
  }

  private YamlNode list(Iterator<Event> events, Location location, int depth) throws BoundPassed {
    List<YamlNode> items = new ArrayList<>();
    for (Event next = events.next();
        next.getEventId() != Event.ID.SequenceEnd;
        next = events.next()) {
      items.add(node(events, next, depth + 1));
    }
    return new YamlList(location, items);
  }

  private YamlNode map(Iterator<Event> events, Location location, int depth) throws BoundPassed {
    List<YamlMap.Entry> entries = new ArrayList<>();
    Map<String, Location> seen = new HashMap<>();
    for (Event next = events.next();
        next.getEventId() != Event.ID.MappingEnd;
        next = events.next()) {
      YamlNode key = node(events, next, depth + 1);
      YamlNode value = node(events, events.next(), depth + 1);
      if (!(key instanceof YamlScalar name)) {
        problems.error(
            Codes.YAML_TRAP,
            key.location(),
            "the key of a mapping is text, and YAML reads " + key.kind() + " here",
            YamlTrap.QUOTE_IT);
        continue;
      }
      if (name.isBroken()) {
        continue;
      }
      Location first = seen.putIfAbsent(name.value(), name.location());
      if (first != null) {
        problems.error(
            Codes.DUPLICATE_KEY,
            name.location(),
            "the key '" + name.value() + "' stands twice in one mapping",
            "the first is on line " + first.line() + ": remove one");
        continue;
      }
      entries.add(new YamlMap.Entry(name, value));
    }
    return new YamlMap(location, entries);
  }

  private YamlScalar scalar(ScalarEvent event) {
    int start = offset(event.getStartMark());
    return new YamlScalar(
        source,
        event.getValue(),
        style(event.getScalarStyle()),
        start,
        offset(event.getEndMark()),
        flowDepth > 0,
        broken.contains(start));
  }

  private YamlScalar brokenScalar(Event event) {
    int start = offset(event.getStartMark());
    return new YamlScalar(
        source, "", YamlScalar.Style.PLAIN, start, start, flowDepth > 0, /* broken= */ true);
  }

  private static YamlScalar.Style style(ScalarStyle style) {
    return switch (style) {
      case SINGLE_QUOTED -> YamlScalar.Style.SINGLE_QUOTED;
      case DOUBLE_QUOTED -> YamlScalar.Style.DOUBLE_QUOTED;
      case LITERAL -> YamlScalar.Style.LITERAL;
      case FOLDED -> YamlScalar.Style.FOLDED;
      // JSON_SCALAR_STYLE is for writing only.
      case PLAIN, JSON_SCALAR_STYLE -> YamlScalar.Style.PLAIN;
    };
  }

  private BoundPassed bound(Location location, String message) {
    problems.error(Codes.LIMIT, location, message, "split the file, or nest less");
    return new BoundPassed();
  }

  private int offset(Optional<Mark> mark) {
    return source.offset(mark.orElseThrow().getIndex());
  }

  private Location at(Optional<Mark> mark) {
    return source.at(offset(mark));
  }
}
