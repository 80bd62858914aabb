package dev.muster.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A job on its way to a {@link SandboxRunner}: the name and each step, Base64, one a line. */
record SandboxWire(String name, List<String> steps) {
  SandboxWire {
    steps = List.copyOf(steps);
  }

  String encode() {
    return Stream.concat(Stream.of(name), steps.stream())
        .map(line -> line.getBytes(StandardCharsets.UTF_8))
        .map(Base64.getEncoder()::encodeToString)
        .collect(Collectors.joining("\n"));
  }

  static SandboxWire decode(String text) {
    List<String> lines =
        Arrays.stream(text.split("\n", -1))
            .map(line -> new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8))
            .toList();
    return new SandboxWire(lines.getFirst(), lines.subList(1, lines.size()));
  }
}
