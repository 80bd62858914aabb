package dev.muster.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A guide's blocks of code. An HTML comment on the line before a block says what is special:
 *
 * <ul>
 *   <li>{@code not run: WHY}
 *   <li>{@code exits N}: so does each of its commands, instead of 0
 *   <li>{@code keeps running}: its last command does not end until the guide does
 * </ul>
 *
 * <p>Blocks in {@code sh} have commands, those in {@code console} commands after {@code $} with
 * what they say, those in {@code yaml} a config. In what is shown, {@code …} stands for any text,
 * and alone on a line for any lines.
 */
record Guide(Path file, List<Block> blocks) {
  private static final String NOT_RUN = "not run: ";
  private static final Pattern MARK = Pattern.compile("<!-- (.+) -->");

  /** A command as a shell takes it, and the lines that it is shown to say; empty where none are. */
  record Command(String line, Optional<List<String>> said) {}

  /**
   * What stands between two fences.
   *
   * @param line of the opening fence
   * @param mark the comment before it
   */
  record Block(int line, String language, Optional<String> mark, List<String> lines) {
    boolean run() {
      return mark.filter(m -> m.startsWith(NOT_RUN) && m.length() > NOT_RUN.length()).isEmpty();
    }

    boolean keepsRunning() {
      return mark.filter("keeps running"::equals).isPresent();
    }

    int exits() {
      return mark.filter(m -> m.matches("exits [0-9]+"))
          .map(m -> Integer.parseInt(m.substring("exits ".length())))
          .orElse(0);
    }

    /** Whether a reader who is a test knows what to do with it. */
    boolean understood() {
      return !run()
          || switch (language) {
            case "sh", "console" -> mark.isEmpty() || keepsRunning() || exits() != 0;
            case "yaml" -> mark.isEmpty();
            default -> false;
          };
    }

    List<Command> commands() {
      return switch (language) {
        case "sh" ->
            lines.stream()
                .filter(text -> !text.isBlank())
                .map(text -> new Command(text, Optional.empty()))
                .toList();
        case "console" -> prompted();
        default -> List.of();
      };
    }

    private List<Command> prompted() {
      List<Command> commands = new ArrayList<>();
      for (int i = 0; i < lines.size(); ) {
        String command = lines.get(i).substring("$ ".length());
        List<String> said = new ArrayList<>();
        for (i++; i < lines.size() && !lines.get(i).startsWith("$ "); i++) {
          said.add(lines.get(i));
        }
        commands.add(new Command(command, Optional.of(said)));
      }
      return commands;
    }
  }

  /** The guides of this repository. */
  static List<Path> all() throws IOException {
    try (Stream<Path> docs = Files.list(Path.of("../docs"))) {
      return Stream.concat(
              Stream.of(Path.of("../README.md"), Path.of("../CONTRIBUTING.md")),
              docs.filter(file -> file.toString().endsWith(".md")).sorted())
          .toList();
    }
  }

  static Guide read(Path file) throws IOException {
    List<Block> blocks = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).startsWith("```")) {
        continue;
      }
      int end = i + 1 + lines.subList(i + 1, lines.size()).indexOf("```");
      Matcher mark = MARK.matcher(i == 0 ? "" : lines.get(i - 1));
      blocks.add(
          new Block(
              i + 1,
              lines.get(i).substring(3),
              mark.matches() ? Optional.of(mark.group(1)) : Optional.empty(),
              List.copyOf(lines.subList(i + 1, end))));
      i = end;
    }
    return new Guide(file, List.copyOf(blocks));
  }
}
