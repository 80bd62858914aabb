package dev.muster.fleet.job;

import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.Range;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * The grammar of a job's labels: {@code marker[=run]/key=value/…}, where the marker is {@code
 * muster} or {@code runs-fleet} (SURFACE: job labels).
 */
public final class Labels {
  /** More labels than this are nobody's intent. */
  static final int MOST = 50;

  /** GitHub's own bound of a label's length. */
  static final int LONGEST = 256;

  private static final List<String> MARKERS = List.of("muster", "runs-fleet");
  private static final List<String> KEYS =
      List.of(
          "runner",
          "cpu",
          "ram",
          "family",
          "arch",
          "os",
          "gen",
          "disk",
          "image",
          "pool",
          "spot",
          "region",
          "env",
          "private",
          "max-runtime");
  private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,5})([smhd])");
  private static final Pattern REGION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,59}");
  private static final int MOST_CPU = 1_024;
  private static final int MOST_RAM = 32_768;
  private static final int MOST_DISK = 16_384;
  private static final Duration LONGEST_RUN = Duration.ofDays(5);

  private Labels() {}

  /** How a job's labels read. */
  public sealed interface Reading {
    /** No label has the marker. */
    record Unmarked() implements Reading {}

    /** The marker's label asks for this. */
    record Marked(LabelRequest request) implements Reading {}

    /** It has the marker and cannot be understood. */
    record Malformed(String reason) implements Reading {}
  }

  /** Whether a job says that it is meant for this appliance, however it asks. */
  public static boolean marked(List<String> labels) {
    return labels.stream().anyMatch(Labels::hasMarker);
  }

  /** Reads a job's labels; never throws. */
  public static Reading read(List<String> labels) {
    List<String> marked = labels.stream().filter(Labels::hasMarker).toList();
    if (marked.isEmpty()) {
      return new Reading.Unmarked();
    }
    if (labels.size() > MOST) {
      return new Reading.Malformed(
          "the job has " + labels.size() + " labels, and at most " + MOST + " are served");
    }
    for (String label : labels) {
      if (label.length() > LONGEST) {
        return new Reading.Malformed(
            "a label has "
                + label.length()
                + " characters, and at most "
                + LONGEST
                + " are served");
      }
      if (label.chars().anyMatch(Character::isISOControl)) {
        return new Reading.Malformed("a label holds a control character");
      }
    }
    if (marked.size() > 1) {
      return new Reading.Malformed(
          "only one label may carry the marker, and %d do: %s"
              .formatted(marked.size(), String.join(", ", marked.subList(0, 2))));
    }
    try {
      return new Reading.Marked(request(pairs(marked.getFirst())));
    } catch (BadLabel e) {
      return new Reading.Malformed(e.getMessage());
    }
  }

  private static boolean hasMarker(String label) {
    return MARKERS.stream()
        .anyMatch(m ->
            label.regionMatches(true, 0, m, 0, m.length())
                && (label.length() == m.length()
                    || label.charAt(m.length()) == '='
                    || label.charAt(m.length()) == '/'));
  }

  private static Map<String, String> pairs(String label) {
    String[] parts = label.split("/", -1);
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String part : Arrays.asList(parts).subList(1, parts.length)) {
      int equals = part.indexOf('=');
      if (equals < 1 || equals == part.length() - 1) {
        throw new BadLabel("'" + part + "' is not of the form key=value");
      }
      String key = part.substring(0, equals).toLowerCase(Locale.ROOT);
      if (!KEYS.contains(key)) {
        throw new BadLabel("the key '" + key + "' is not known" + suggestion(key, KEYS));
      }
      if (pairs.put(key, part.substring(equals + 1)) != null) {
        throw new BadLabel("the key '" + key + "' is given twice");
      }
    }
    return pairs;
  }

  /** As {@code ; did you mean 'runner'?} where one of {@code known} is near, else empty. */
  static String suggestion(String word, Iterable<String> known) {
    String best = "";
    int distance = Math.max(1, word.length() / 3) + 1;
    LevenshteinDistance measure = new LevenshteinDistance(distance);
    for (String candidate : known) {
      int d = measure.apply(word, candidate);
      if (d >= 0 && d < distance) {
        distance = d;
        best = candidate;
      }
    }
    return best.isEmpty() ? "" : "; did you mean '" + best + "'?";
  }

  private static LabelRequest request(Map<String, String> pairs) {
    Reader reader = new Reader(pairs);
    return new LabelRequest(
        reader.text("runner"),
        reader.range("cpu", MOST_CPU, min -> Math.min(MOST_CPU, 2 * min)),
        reader.range("ram", MOST_RAM, min -> MOST_RAM),
        reader.families(),
        reader.word("arch", Map.of("arm64", Arch.ARM64, "amd64", Arch.AMD64, "x64", Arch.AMD64)),
        reader.word("os", Map.of("linux", Os.LINUX, "windows", Os.WINDOWS)),
        reader.number("gen", 99),
        reader.number("disk", MOST_DISK),
        reader.text("image"),
        reader.text("pool"),
        reader.flag("spot"),
        reader.region(),
        reader.text("env"),
        reader.flag("private"),
        reader.duration("max-runtime"));
  }

  private record Reader(Map<String, String> pairs) {
    Optional<String> text(String key) {
      return Optional.ofNullable(pairs.get(key));
    }

    List<String> families() {
      return text("family")
          .map(text -> {
            List<String> families = List.of(text.split("\\+", -1));
            if (families.contains("")) {
              throw bad("family", text, "names joined by '+', as c7g+m7g");
            }
            return families;
          })
          .orElse(List.of());
    }

    Optional<String> region() {
      text("region")
          .filter(text -> !REGION.matcher(text).matches())
          .ifPresent(text -> {
            throw bad("region", text, "a region's name, as eu-west-1");
          });
      return text("region");
    }

    Optional<Range> range(String key, int most, Function<Integer, Integer> open) {
      return text(key)
          .map(text -> {
            String[] ends = text.split("\\+", -1);
            if (ends.length > 2) {
              throw bad(key, text, "a number or two joined by '+'");
            }
            int min = whole(key, text, ends[0], most);
            int max = ends.length == 2 ? whole(key, text, ends[1], most) : open.apply(min);
            if (max < min) {
              throw bad(key, text, "a range that begins with the smaller number");
            }
            return new Range(min, max);
          });
    }

    OptionalInt number(String key, int most) {
      Optional<String> text = text(key);
      return text.isEmpty()
          ? OptionalInt.empty()
          : OptionalInt.of(whole(key, text.get(), text.get(), most));
    }

    Optional<Boolean> flag(String key) {
      return word(key, Map.of("true", true, "false", false));
    }

    <T> Optional<T> word(String key, Map<String, T> words) {
      return text(key)
          .map(text -> {
            T value = words.get(text.toLowerCase(Locale.ROOT));
            if (value == null) {
              throw bad(
                  key,
                  text,
                  "one of " + String.join(", ", words.keySet().stream().sorted().toList()));
            }
            return value;
          });
    }

    Optional<Duration> duration(String key) {
      return text(key)
          .map(text -> {
            Matcher form = DURATION.matcher(text);
            if (!form.matches()) {
              throw bad(key, text, "a duration as 90s, 30m, 6h or 2d");
            }
            long amount = Long.parseLong(form.group(1));
            Duration duration =
                switch (form.group(2)) {
                  case "s" -> Duration.ofSeconds(amount);
                  case "m" -> Duration.ofMinutes(amount);
                  case "h" -> Duration.ofHours(amount);
                  default -> Duration.ofDays(amount);
                };
            if (duration.compareTo(LONGEST_RUN) > 0) {
              throw bad(key, text, "at most 5d, GitHub's own limit of a job");
            }
            return duration;
          });
    }

    private static int whole(String key, String text, String number, int most) {
      if (!number.matches("[0-9]{1,7}")) {
        throw bad(key, text, "a whole number from 1 to " + most);
      }
      int value = Integer.parseInt(number);
      if (value < 1 || value > most) {
        throw bad(key, text, "a whole number from 1 to " + most);
      }
      return value;
    }

    private static BadLabel bad(String key, String text, String wanted) {
      return new BadLabel("'" + key + "=" + text + "' needs " + wanted);
    }
  }

  private static final class BadLabel extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String reason;

    BadLabel(String reason) {
      super(reason, null, false, false);
      this.reason = reason;
    }

    @Override
    public String getMessage() {
      return reason;
    }
  }
}
