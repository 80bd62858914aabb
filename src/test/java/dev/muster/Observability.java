package dev.muster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code config-examples/observability} asks Prometheus for. */
final class Observability {
  static final Path FOLDER = Path.of("..", "config-examples", "observability");

  private static final Pattern METRIC = Pattern.compile("(muster_[a-z_]+)(\\{([^}]*)})?");
  private static final Pattern MATCHER = Pattern.compile("([a-z_]+)\\s*[!=]~?\\s*\"");
  private static final Pattern GROUPED = Pattern.compile("\\b(?:by|on) \\(([^)]*)\\)");
  private static final Pattern RULE = Pattern.compile("(?m)^ +expr: (.*)$");
  private static final Pattern ALERT = Pattern.compile("(?m)^ +- alert: (\\w+)$");
  private static final Pattern SAMPLE =
      Pattern.compile("(muster_[a-z_]+)(?:\\{(.*)})? [0-9.eE+-]+");

  /** Prometheus itself puts them on what it scrapes. */
  private static final Set<String> SCRAPED = Set.of("job", "instance");

  private Observability() {}

  static List<String> alerts() throws IOException {
    return all(ALERT, Files.readString(FOLDER.resolve("muster-rules.yml")));
  }

  /** Every expression of the dashboard and of the rules. */
  static List<String> expressions() throws IOException {
    List<String> expressions =
        new ArrayList<>(all(RULE, Files.readString(FOLDER.resolve("muster-rules.yml"))));
    JsonNode dashboard =
        new ObjectMapper().readTree(FOLDER.resolve("grafana-dashboard.json").toFile());
    for (JsonNode panel : dashboard.path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        expressions.add(target.path("expr").asText());
      }
    }
    return expressions;
  }

  /** The metrics that an expression names, each with the labels that it wants of them. */
  static Map<String, Set<String>> wanted(String expression) {
    Map<String, Set<String>> wanted = new HashMap<>();
    Set<String> grouped = new HashSet<>();
    for (String labels : all(GROUPED, expression)) {
      grouped.addAll(List.of(labels.split(" *, *")));
    }
    Matcher metric = METRIC.matcher(expression);
    while (metric.find()) {
      Set<String> labels = wanted.computeIfAbsent(metric.group(1), name -> new HashSet<>(grouped));
      if (metric.group(3) != null) {
        labels.addAll(all(MATCHER, metric.group(3)));
      }
      labels.removeAll(SCRAPED);
    }
    return wanted;
  }

  /** The metrics of a scrape, each with its labels. */
  static Map<String, Set<String>> exposed(String scrape) {
    Map<String, Set<String>> exposed = new HashMap<>();
    Matcher sample = SAMPLE.matcher(scrape);
    while (sample.find()) {
      Set<String> labels = exposed.computeIfAbsent(sample.group(1), name -> new HashSet<>());
      if (sample.group(2) != null) {
        labels.addAll(all(MATCHER, sample.group(2)));
      }
    }
    return exposed;
  }

  private static List<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> found.group(1)).toList();
  }
}
