package dev.muster.fleet.spec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The runners and images of a runs-on.yml. */
final class RunsOnRunners {
  private static final Pattern FAMILY = Pattern.compile("[a-z][a-z0-9-]{0,30}");
  private static final Pattern WILDCARD = Pattern.compile("\\.?\\*+$");
  private static final Pattern VOLUME_SIZE =
      Pattern.compile("(?:^|:)(\\d{1,5})(?:gb|gib)?(?=:|$)", Pattern.CASE_INSENSITIVE);

  /** Runners that every RunsOn installation has, as {@code 2cpu-linux-x64}. */
  private static final Pattern BUILT_IN =
      Pattern.compile("(\\d{1,4})cpu-(linux|windows)-(x64|arm64)");

  private static final Image NO_IMAGE =
      new Image(Optional.empty(), Optional.empty(), Optional.empty());

  private final Map<String, RunsOnSource> images;
  private final RunsOnNames names;
  private final Set<String> usedImages = new HashSet<>();
  private final Map<String, String> known = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> written = new LinkedHashMap<>();
  private final Map<String, Image> readImages = new LinkedHashMap<>();

  RunsOnRunners(Map<String, RunsOnSource> images, RunsOnNames names) {
    this.images = images;
    this.names = names;
  }

  /** What an image says; empty where it says nothing. */
  private record Image(Optional<String> reference, Optional<Os> os, Optional<Arch> arch) {}

  List<Map<String, String>> written() {
    return List.copyOf(written.values());
  }

  void add(String runner, RunsOnSource source) {
    String name = names.unique(runner, written.keySet(), source);
    known.put(runner, name);
    Image image = source.text("image").map(text -> image(text, source)).orElse(NO_IMAGE);
    List<String> machines = machines(source);
    Arch arch = image.arch().orElseGet(() -> archOf(machines));

    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("name", RunsOnNames.quoted(name));
    keys.put("os", image.os().orElse(Os.LINUX).word());
    keys.put("arch", arch.word());
    range(source, "cpu", 2048).ifPresent(range -> keys.put("cpu", range));
    range(source, "ram", RunnersPart.MOST_RAM).ifPresent(range -> keys.put("ram", range));
    putMachines(keys, machines, arch, source);
    disk(source).ifPresent(size -> keys.put("disk", Integer.toString(size)));
    image.reference().ifPresent(reference -> keys.put("image", reference));
    spot(source).ifPresent(spot -> keys.put("spot", spot.word()));
    source
        .text("private")
        .ifPresent(text -> keys.put("private", Boolean.toString(!text.equals("false"))));
    source.noteTheRest();
    written.put(name, keys);
  }

  /**
   * Muster's name of a runner that a pool names. One that is not in the file is made: every RunsOn
   * installation has some, and a global file may have others.
   */
  String named(String runner, RunsOnSource pool) {
    String name = known.get(runner);
    if (name != null) {
      return name;
    }
    name = names.unique(runner, written.keySet(), pool);
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("name", RunsOnNames.quoted(name));
    Matcher builtIn = BUILT_IN.matcher(runner);
    boolean nowhere = runner.endsWith("cpu-windows-arm64"); // EC2 has no such machines
    if (builtIn.matches() && !nowhere && !builtIn.group(1).matches("0+")) {
      keys.put("os", builtIn.group(2));
      keys.put("arch", builtIn.group(3).equals("arm64") ? "arm64" : "amd64");
      keys.put("cpu", Integer.toString(Math.min(2048, Integer.parseInt(builtIn.group(1)))));
    } else {
      pool.note(
          "names the runner %s, which %s; one with 2 vCPU stands in"
              .formatted(runner, nowhere ? "EC2 does not have" : "is not in this file"));
      keys.put("cpu", "2");
    }
    known.put(runner, name);
    written.put(name, keys);
    return name;
  }

  /** Notes the images that no runner named. */
  void noteTheRest() {
    images.forEach((name, image) -> {
      if (!usedImages.contains(name)) {
        image.note("is an image of no runner and has no counterpart");
      }
    });
  }

  private Image image(String name, RunsOnSource runner) {
    RunsOnSource source = images.get(name);
    if (source == null) {
      runner.note("has the image %s of RunsOn; Muster's own takes its place".formatted(name));
      return new Image(Optional.empty(), os(name), arch(name));
    }
    usedImages.add(name);
    return readImages.computeIfAbsent(name, _ -> image(source));
  }

  private static Image image(RunsOnSource source) {
    Optional<String> pattern = source.text("name");
    Optional<String> id = source.text("ami");
    String owner = source.text("owner").orElse("self");
    if (!owner.matches("self|amazon|aws-marketplace|\\d{12}")) {
      source.note("has the owner " + owner + ", not an account's number; self takes its place");
      owner = "self";
    }
    Optional<Os> os = source.text("platform").flatMap(RunsOnRunners::os);
    Optional<Arch> arch = source.text("arch").flatMap(RunsOnRunners::arch);
    source.noteTheRest();
    String reference = "{ name: %s, owner: " + RunsOnNames.quoted(owner) + " }";
    return new Image(
        id.or(() -> pattern).map(text -> reference.formatted(RunsOnNames.quoted(text))), os, arch);
  }

  private static Optional<Os> os(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return lower.startsWith("win")
        ? Optional.of(Os.WINDOWS)
        : lower.startsWith("linux") || lower.startsWith("ubuntu")
            ? Optional.of(Os.LINUX)
            : Optional.empty();
  }

  private static Optional<Arch> arch(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.contains("arm64") || lower.contains("aarch64")) {
      return Optional.of(Arch.ARM64);
    }
    return lower.contains("x64") || lower.contains("x86_64") || lower.contains("amd64")
        ? Optional.of(Arch.AMD64)
        : Optional.empty();
  }

  /** Families and instance types as Muster writes them. */
  private static List<String> machines(RunsOnSource source) {
    List<String> machines = new ArrayList<>();
    for (String text : source.texts("family")) {
      String machine = WILDCARD.matcher(text.toLowerCase(Locale.ROOT)).replaceFirst("");
      if (isType(machine) || FAMILY.matcher(machine).matches()) {
        machines.add(machine);
      } else {
        source.note("has the family " + text + ", which has no counterpart");
      }
    }
    return machines;
  }

  private static boolean isType(String machine) {
    return machine.matches(RunnersPart.INSTANCE_TYPE_PATTERN);
  }

  /** RunsOn takes x64 where nothing says otherwise. */
  private static Arch archOf(List<String> machines) {
    boolean allArm =
        !machines.isEmpty()
            && machines.stream()
                .allMatch(machine -> RunnersPart.archOf(machine).equals(Optional.of(Arch.ARM64)));
    return allArm ? Arch.ARM64 : Arch.AMD64;
  }

  private static void putMachines(
      Map<String, String> keys, List<String> machines, Arch arch, RunsOnSource source) {
    List<String> fitting = new ArrayList<>();
    for (String machine : machines) {
      if (RunnersPart.archOf(machine).orElse(arch) == arch) {
        fitting.add(machine);
      } else {
        source.note("has the family %s, which is not %s".formatted(machine, arch.word()));
      }
    }
    List<String> types = fitting.stream().filter(RunsOnRunners::isType).toList();
    List<String> families = fitting.stream().filter(machine -> !isType(machine)).toList();
    if (!types.isEmpty()) {
      keys.put("instance_types", list(types));
    }
    if (!families.isEmpty()) {
      keys.put("families", list(families));
    }
  }

  private static String list(List<String> texts) {
    return texts.stream().map(RunsOnNames::quoted).collect(Collectors.joining(", ", "[", "]"));
  }

  /** Of several numbers the least and the greatest. */
  private static Optional<String> range(RunsOnSource source, String key, int most) {
    List<Integer> numbers = new ArrayList<>();
    for (String text : source.texts(key)) {
      int number = text.matches("\\d{1,6}") ? Integer.parseInt(text) : 0;
      if (number >= 1 && number <= most) {
        numbers.add(number);
      } else {
        source.note("has %s %s, which has no counterpart".formatted(key, text));
      }
    }
    return numbers.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "["
                + numbers.stream().mapToInt(Integer::intValue).min().orElseThrow()
                + ", "
                + numbers.stream().mapToInt(Integer::intValue).max().orElseThrow()
                + "]");
  }

  /** Of {@code 80gb:gp3:125mbps} the size. */
  private static Optional<Integer> disk(RunsOnSource source) {
    Optional<String> volume = source.text("volume");
    if (volume.isEmpty()) {
      return Optional.empty();
    }
    Matcher size = VOLUME_SIZE.matcher(volume.get());
    if (!size.find()) {
      source.note("has the volume " + volume.get() + ", which has no size that can be read");
      return Optional.empty();
    }
    int gib = Integer.parseInt(size.group(1));
    if (gib < 1 || gib > RunnersPart.MOST_DISK) {
      source.note(
          "has the volume %s; a disk has from 1 to %,d GiB"
              .formatted(volume.get(), RunnersPart.MOST_DISK));
      return Optional.empty();
    }
    if (!size.group().equals(volume.get())) {
      source.note("has the volume " + volume.get() + ", of which only the size has a counterpart");
    }
    return Optional.of(gib);
  }

  private static Optional<Spot> spot(RunsOnSource source) {
    return source
        .text("spot")
        .map(text ->
            switch (text) {
              case "true" -> Spot.PREFERRED;
              case "false", "never" -> Spot.NEVER;
              default -> {
                source.note("has the spot strategy " + text + "; Muster chooses by itself");
                yield Spot.PREFERRED;
              }
            });
  }
}
