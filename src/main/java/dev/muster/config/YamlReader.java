package dev.muster.config;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Reads one file into nodes. It is written for hostile files: nothing is constructed, nothing is
 * recursive before its depth is known, and what aliases multiply is counted before it is walked.
 */
public final class YamlReader {
  static final int MAX_BYTES = ConfigTree.MOST_OF_A_FILE;
  static final int MAX_ALIASES = 50;

  /** Values that aliases may add to those that are written out. */
  static final int MAX_COPIES = 20_000;

  static final int MAX_DEPTH = 32;

  private static final Set<String> STANDARD_TAGS =
      Set.of("str", "int", "float", "bool", "null", "seq", "map");
  private static final String STANDARD_PREFIX = "tag:yaml.org,2002:";

  private final String file;
  private final Problems problems;
  private final Map<Anchor, Anchored> anchors = new HashMap<>();
  private final Deque<Anchor> open = new ArrayDeque<>();
  private int aliases;
  private long values;
  private long copies;
  private int depth;

  /**
   * @param file its name for the places of problems
   */
  public YamlReader(String file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /** The file's document, an empty map where it has none; empty after a problem was reported. */
  public Optional<YamlNode> read(byte[] content) {
    try {
      String text = decode(content);
      Iterator<Event> events = new Parse(settings(text)).parseString(text).iterator();
      return Optional.of(document(events).orElse(nothing()));
    } catch (Unreadable e) {
      problems.error(e.place, e.message, e.hint);
    } catch (MarkedYamlEngineException e) {
      // Only the problem in words: the exception's message quotes the file, secrets included.
      problems.error(
          e.getProblemMark().map(this::place).orElse(Place.startOf(file)),
          "not YAML: " + inWords(e),
          syntaxHint(e));
    } catch (YamlEngineException e) {
      problems.error(Place.startOf(file), "not YAML 1.2", "remove the %YAML line");
    }
    return Optional.empty();
  }

  private YamlNode nothing() {
    return new YamlNode.Mapping(Place.startOf(file), List.of());
  }

  private String decode(byte[] content) throws Unreadable {
    if (content.length > MAX_BYTES) {
      throw new Unreadable(
          new Place(file, 0, 0),
          "the file has %,d bytes, more than 1 MiB".formatted(content.length),
          "spread it over files in muster.d/");
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CharBuffer text = CharBuffer.allocate(content.length);
    CoderResult result = decoder.decode(ByteBuffer.wrap(content), text, true);
    text.flip();
    if (result.isError()) {
      throw new Unreadable(endOf(text.toString()), "the file is not UTF-8", "save it as UTF-8");
    }
    boolean marked = !text.isEmpty() && text.charAt(0) == '\uFEFF';
    return readable(marked ? text.subSequence(1, text.length()).toString() : text.toString());
  }

  /** The parser would refuse such a character too, without its line. */
  private String readable(String text) throws Unreadable {
    int length;
    for (int i = 0; i < text.length(); i += length) {
      int character = text.codePointAt(i);
      length = Character.charCount(character);
      if (!StreamReader.isPrintable(character)) {
        throw new Unreadable(
            endOf(text.substring(0, i)),
            "the file has the control character U+%04X".formatted(character),
            "YAML is text; write it as an escape in double quotes");
      }
    }
    return text;
  }

  private Place endOf(String read) {
    int line = 1 + (int) read.chars().filter(c -> c == '\n').count();
    String last = read.substring(read.lastIndexOf('\n') + 1);
    return new Place(file, line, 1 + last.codePointCount(0, last.length()));
  }

  /** What is read of one long word is copied with each buffer that it takes: a few, then. */
  private static LoadSettings settings(String text) {
    return LoadSettings.builder()
        .setCodePointLimit(MAX_BYTES + 1)
        .setBufferSize(Math.clamp(text.length(), 1024, 64 * 1024))
        .build();
  }

  private Optional<YamlNode> document(Iterator<Event> events) throws Unreadable {
    Optional<YamlNode> root = Optional.empty();
    while (events.hasNext()) {
      Event event = events.next();
      switch (event.getEventId()) {
        case DocumentStart -> {
          if (root.isPresent()) {
            throw new Unreadable(
                place(event),
                "the file has a second document",
                "keep one document a file; more files go to muster.d/");
          }
        }
        case Scalar, SequenceStart, MappingStart, Alias -> root = Optional.of(node(event, events));
        default -> {}
      }
    }
    return root;
  }

  private YamlNode node(Event event, Iterator<Event> events) throws Unreadable {
    long before = values++;
    return switch (event) {
      case AliasEvent alias -> resolve(alias);
      case ScalarEvent scalar -> {
        refuseCustomTag(scalar.getTag(), scalar);
        YamlNode node = new YamlNode.Scalar(place(scalar), scalar.getValue(), scalar.isPlain());
        yield anchored(scalar, node, before);
      }
      case CollectionStartEvent start -> anchored(start, collection(start, events), before);
      default -> throw new IllegalStateException("No node begins with " + event);
    };
  }

  private YamlNode collection(CollectionStartEvent start, Iterator<Event> events)
      throws Unreadable {
    refuseCustomTag(start.getTag(), start);
    if (++depth > MAX_DEPTH) {
      throw new Unreadable(
          place(start), "nested more than " + MAX_DEPTH + " levels deep", "no key is that deep");
    }
    start.getAnchor().ifPresent(open::push);
    YamlNode node =
        start.getEventId() == Event.ID.SequenceStart
            ? sequence(start, events)
            : mapping(start, events);
    start.getAnchor().ifPresent(anchor -> open.pop());
    depth--;
    return node;
  }

  private YamlNode sequence(Event start, Iterator<Event> events) throws Unreadable {
    List<YamlNode> items = new ArrayList<>();
    for (Event event = events.next();
        event.getEventId() != Event.ID.SequenceEnd;
        event = events.next()) {
      items.add(node(event, events));
    }
    return new YamlNode.Sequence(place(start), items);
  }

  private YamlNode mapping(Event start, Iterator<Event> events) throws Unreadable {
    Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
    for (Event event = events.next();
        event.getEventId() != Event.ID.MappingEnd;
        event = events.next()) {
      if (!(node(event, events) instanceof YamlNode.Scalar key)) {
        throw new Unreadable(place(event), "a key is a list or a map", "keys are single words");
      }
      YamlNode value = node(events.next(), events);
      YamlNode.Entry first = entries.putIfAbsent(key.text(), new YamlNode.Entry(key, value));
      if (first != null) {
        problems.error(
            key.place(),
            "the key \"" + key.text() + "\" is given twice",
            "first on line " + first.key().place().line());
      }
    }
    return new YamlNode.Mapping(place(start), List.copyOf(entries.values()));
  }

  private YamlNode resolve(AliasEvent alias) throws Unreadable {
    if (++aliases > MAX_ALIASES) {
      throw new Unreadable(
          place(alias), "more than " + MAX_ALIASES + " aliases", "write the values out");
    }
    if (open.contains(alias.getAlias())) {
      throw new Unreadable(
          place(alias), "the alias stands inside of what it names", "a value cannot hold itself");
    }
    // Its name is not quoted: a secret that begins with * looks like an alias.
    Anchored target = anchors.get(alias.getAlias());
    if (target == null) {
      throw new Unreadable(
          place(alias),
          "the alias names no anchor",
          "anchors stand before their aliases; quote a value that begins with *");
    }
    values += target.size;
    copies += target.size;
    if (copies > MAX_COPIES) {
      throw new Unreadable(
          place(alias),
          "aliases multiply to more than %,d values".formatted(MAX_COPIES),
          "write the values out");
    }
    return target.node;
  }

  private YamlNode anchored(NodeEvent event, YamlNode node, long before) {
    event.getAnchor().ifPresent(anchor -> anchors.put(anchor, new Anchored(node, values - before)));
    return node;
  }

  private void refuseCustomTag(Optional<String> tag, Event event) throws Unreadable {
    if (tag.isPresent() && !isStandard(tag.get())) {
      throw new Unreadable(
          place(event), "custom tags are not allowed", "remove the word that begins with !");
    }
  }

  private static boolean isStandard(String tag) {
    return tag.startsWith(STANDARD_PREFIX)
        && STANDARD_TAGS.contains(tag.substring(STANDARD_PREFIX.length()));
  }

  private Place place(Event event) {
    return event.getStartMark().map(this::place).orElse(Place.startOf(file));
  }

  private Place place(Mark mark) {
    return new Place(file, mark.getLine() + 1, mark.getColumn() + 1);
  }

  /** Without the advice that the parser adds, and without what it quotes of a tag. */
  private static String inWords(MarkedYamlEngineException e) {
    return e.getProblem()
        .replaceFirst(" \\(Do not use .*", "")
        .replaceFirst("(tag handle) .*", "$1");
  }

  private static Optional<String> syntaxHint(MarkedYamlEngineException e) {
    String problem = e.getProblem();
    if (problem.contains("TAB")) {
      return Optional.of("indent with spaces, not with tabs");
    }
    if (problem.contains("mapping values are not allowed")) {
      return Optional.of("check the indentation; quote a value that has a colon in it");
    }
    return Optional.empty();
  }

  private record Anchored(YamlNode node, long size) {}

  /** Ends the reading of a file. */
  private static final class Unreadable extends Exception {
    private final Place place;
    private final String message;
    private final String hint;

    Unreadable(Place place, String message, String hint) {
      super(message, null, false, false);
      this.place = place;
      this.message = message;
      this.hint = hint;
    }
  }
}
