package dev.muster.fleet.spec;

import dev.muster.config.Fields;
import dev.muster.config.Key;
import dev.muster.config.Problems;
import dev.muster.config.Shapes;
import dev.muster.fleet.spec.FleetSpec.Defaults;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The key {@code runners}. */
final class RunnersPart {
  /** No instance has more vCPU or GiB; a range up to here leaves the choice open. */
  private static final int MOST_CPU = 2048;

  static final int MOST_RAM = 65_536;

  /** Of a disk, in GiB: the most that EC2 has. */
  static final int MOST_DISK = 16_384;

  /** A family of AWS's own arm64 processors has a {@code g} after its generation. */
  private static final Pattern GRAVITON = Pattern.compile("a1|[a-z]+\\d+g[a-z]*");

  private static final Pattern OPEN_FAMILY = Pattern.compile("[a-z]+\\d*");

  static final String INSTANCE_TYPE_PATTERN = "[a-z][a-z0-9-]{1,30}\\.[a-z0-9-]{1,30}";

  static final Key<String> NAME =
      Key.of(
              "name",
              Shapes.name(),
              "4cpu-linux-arm64",
              "Name, by which pools and job labels choose it.")
          .mustBeGiven();
  private static final Key<Provider> PROVIDER =
      Key.of(
              "provider",
              Shapes.choice(List.of(Provider.values()), Provider::word),
              "ec2",
              "`local` runners are processes on the appliance's own machine.")
          .standardIs("`defaults.provider`");
  private static final Key<Os> OS =
      Key.of("os", Shapes.choice(List.of(Os.values()), Os::word), "linux", "Operating system.")
          .standard(Os.LINUX);
  private static final Key<Arch> ARCH =
      Key.of(
              "arch",
              Shapes.choice(List.of(Arch.values()), Arch::word, Map.of("x64", Arch.AMD64)),
              "arm64",
              "Processor architecture; `x64` means `amd64`.")
          .standardIs("that of the instance types or families, else `amd64`");
  private static final Key<Range> CPU =
      Key.of("cpu", new RangeShape(MOST_CPU, "vCPU"), "[4, 8]", "How many vCPU it may have.")
          .standardIs("any");
  private static final Key<Range> RAM =
      Key.of("ram", new RangeShape(MOST_RAM, "GiB"), "[8, 32]", "How much memory it may have.")
          .standardIs("any");
  private static final Key<List<String>> FAMILIES =
      Key.of(
              "families",
              Shapes.list(Shapes.text("instance family", "[a-z][a-z0-9-]{0,30}")),
              "[c7g, m7g]",
              "Instance families to choose from; a beginning, as `c7`, stands for all that have it.")
          .standardIs("c, m and r; Windows: m6i, c6i, m7i, c7i");
  private static final Key<String> INSTANCE_TYPE =
      Key.of(
          "instance_type",
          Shapes.text("instance type", INSTANCE_TYPE_PATTERN),
          "c7g.xlarge",
          "Fixes what the ranges would choose.");
  private static final Key<List<String>> INSTANCE_TYPES =
      Key.of(
          "instance_types",
          Shapes.list(Shapes.text("instance type", INSTANCE_TYPE_PATTERN), 1, 100),
          "[c7g.xlarge, m7g.xlarge]",
          "The same with a choice, in order of preference.");
  private static final Key<Integer> GENERATION =
      Key.of("gen", Shapes.whole(1, 99), "7", "Generation of the instance family, as 7 of c7g.")
          .standardIs("any");
  private static final Key<Integer> DISK =
      Key.of("disk", Shapes.whole(1, MOST_DISK), "100", "Size of the disk in GiB.").standard(40);

  /** A parameter's path in SSM. */
  private static final String PARAMETER = "(?:/[A-Za-z0-9_.-]+){1,15}";

  private static final Key<String> IMAGE_NAME =
      Key.of(
              "name",
              Shapes.text(),
              "\"muster-runner-linux-arm64-*\"",
              "Name of the image, `*` for any characters; the newest match is used. Or its id, or"
                  + " `ssm:/…`, a parameter of SSM that holds its id.")
          .mustBeGiven();
  private static final Key<String> IMAGE_OWNER =
      Key.of(
              "owner",
              Shapes.text("owner", "self|amazon|aws-marketplace|\\d{12}"),
              "self",
              "Account that owns the image: its number, `self` or `amazon`; for an image by name.")
          .standard("self");
  private static final Key<Fields> IMAGE =
      Key.of(
              "image",
              Shapes.object("an image", List.of(IMAGE_NAME, IMAGE_OWNER)),
              "{ name: \"muster-runner-linux-arm64-*\", owner: self }",
              "Image to start from.")
          .standardIs("Muster's own for the os and arch");
  private static final Key<Spot> SPOT =
      Key.of(
              "spot",
              Shapes.choice(
                  List.of(Spot.values()),
                  Spot::word,
                  Map.of("true", Spot.PREFERRED, "false", Spot.NEVER)),
              "preferred",
              "Whether spot capacity may serve a cold launch; `true` prefers, `false` forbids.")
          .standard(Spot.PREFERRED);
  private static final Key<Duration> MAX_RUNTIME =
      Key.of(
              "max_runtime",
              Shapes.duration(Duration.ofMinutes(1), Duration.ofDays(35)),
              "6h",
              "Hard deadline of a job.")
          .standard(Duration.ofHours(6));
  private static final Key<List<String>> LABELS =
      Key.of(
              "labels",
              Shapes.list(Shapes.text("label", "[^\\s,/=]{1,100}")),
              "[fast]",
              "Further job labels that choose it.")
          .standard(List.of());
  private static final Key<Boolean> PRIVATE =
      Key.of("private", Shapes.flag(), "true", "Whether it must have no public address.")
          .standard(false);
  private static final Key<Boolean> INSTANCE_METADATA =
      Key.of(
              "instance_metadata",
              Shapes.flag(),
              "true",
              "Whether jobs reach the instance metadata, and so the credentials of the instance"
                  + " profile.")
          .standard(false);
  private static final Key<Integer> SLOTS =
      Key.of(
          "slots", Shapes.whole(1, 1000), "4", "For `local`, where required: how many at a time.");
  private static final Key<List<String>> COMMAND =
      Key.of(
          "command",
          Shapes.list(Shapes.text(), 1, 100),
          "[/opt/actions-runner/run.sh]",
          "For `local`, where required: program and arguments, started once per job with"
              + " `ACTIONS_RUNNER_INPUT_JITCONFIG` in its environment.");

  /** What chooses a machine, and means nothing where the machine is the appliance's own. */
  private static final List<Key<?>> ONLY_EC2 =
      List.of(
          FAMILIES,
          INSTANCE_TYPE,
          INSTANCE_TYPES,
          GENERATION,
          DISK,
          IMAGE,
          SPOT,
          PRIVATE,
          INSTANCE_METADATA);

  private static final List<Key<?>> ONLY_LOCAL = List.of(SLOTS, COMMAND);

  static final Key<List<Fields>> RUNNERS =
      Key.of(
          "runners",
          Shapes.list(
              Shapes.object(
                  "a runner",
                  Stream.of(
                          List.<Key<?>>of(NAME, PROVIDER, OS, ARCH, CPU, RAM),
                          ONLY_EC2,
                          List.<Key<?>>of(MAX_RUNTIME, LABELS),
                          ONLY_LOCAL)
                      .<Key<?>>flatMap(List::stream)
                      .toList())),
          "[{ name: small, cpu: 2 }]",
          "Kinds of runners.");

  private RunnersPart() {}

  static Provider provider(Fields written, Defaults defaults) {
    return written.given(PROVIDER).orElse(defaults.provider());
  }

  /** How many there can be at a time; empty where the provider has no such bound. */
  static OptionalInt slots(Fields written, Defaults defaults) {
    return switch (provider(written, defaults)) {
      case LOCAL -> written.given(SLOTS).map(OptionalInt::of).orElse(OptionalInt.empty());
      case EC2 -> OptionalInt.empty();
    };
  }

  static void check(Fields written, Defaults defaults, Problems problems) {
    String name = "runner \"" + written.given(NAME).orElse("?") + "\"";
    switch (provider(written, defaults)) {
      case LOCAL -> checkLocal(written, name, problems);
      case EC2 -> checkEc2(written, name, problems);
    }
  }

  private static void checkLocal(Fields written, String name, Problems problems) {
    for (Key<?> key : ONLY_LOCAL) {
      if (!written.has(key)) {
        problems.error(
            written.place(),
            name + " is local and has no " + key.name(),
            "as " + key.name() + ": " + key.example());
      }
    }
    for (Key<?> key : ONLY_EC2) {
      if (written.has(key)) {
        problems.warning(
            written.keyPlace(key),
            key.name() + " of " + name + " means nothing for the provider local",
            "remove it");
      }
    }
  }

  private static void checkEc2(Fields written, String name, Problems problems) {
    for (Key<?> key : ONLY_LOCAL) {
      if (written.has(key)) {
        problems.error(
            written.keyPlace(key),
            key.name() + " of " + name + " is for the provider local only",
            "remove it, or say provider: local");
      }
    }
    if (written.has(INSTANCE_TYPE) && written.has(INSTANCE_TYPES)) {
      problems.error(
          written.keyPlace(INSTANCE_TYPES),
          name + " has both instance_type and instance_types",
          "keep one of them");
    }
    written.given(IMAGE).ifPresent(image -> checkImage(image, name, problems));
    checkArch(written, name, problems);
    checkWindows(written, name, problems);
  }

  private static void checkImage(Fields image, String name, Problems problems) {
    String written = image.given(IMAGE_NAME).orElse("");
    if (!written.startsWith(ImageRef.BY_PARAMETER)) {
      return;
    }
    if (!written.matches(ImageRef.BY_PARAMETER + PARAMETER)) {
      problems.error(
          image.place(IMAGE_NAME),
          "the image of " + name + " is no path of a parameter",
          "as ssm:/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id");
    }
    if (image.has(IMAGE_OWNER)) {
      problems.error(
          image.keyPlace(IMAGE_OWNER),
          "the image of " + name + " is named by a parameter, for which an owner means nothing",
          "remove owner");
    }
  }

  private static void checkWindows(Fields written, String name, Problems problems) {
    if (written.value(OS) == Os.WINDOWS && arch(written) == Arch.ARM64) {
      Key<?> key = written.has(INSTANCE_TYPE) ? INSTANCE_TYPE : INSTANCE_TYPES;
      Key<?> fixing = written.has(key) ? key : FAMILIES;
      problems.error(
          written.place(written.has(ARCH) ? ARCH : fixing),
          name + " is Windows on arm64, which EC2 does not have",
          "say arch: amd64, with types of it");
    }
  }

  private static void checkArch(Fields written, String name, Problems problems) {
    List<Arch> arches =
        families(written).flatMap(family -> archOf(family).stream()).distinct().toList();
    Key<?> key = written.has(INSTANCE_TYPE) ? INSTANCE_TYPE : INSTANCE_TYPES;
    Key<?> blamed = written.has(key) ? key : FAMILIES;
    if (arches.size() > 1) {
      problems.error(
          written.place(blamed),
          blamed.name() + " of " + name + " mixes arm64 and amd64",
          "make a runner for each");
      return;
    }
    Optional<Arch> arch = written.given(ARCH);
    if (arch.isPresent() && !arches.isEmpty() && !arches.contains(arch.get())) {
      problems.error(
          written.place(blamed),
          "%s of %s is %s, its arch is %s"
              .formatted(blamed.name(), name, arches.getFirst().word(), arch.get().word()),
          "say arch: " + arches.getFirst().word() + ", or choose others");
    }
  }

  static RunnerSpec build(Fields written, Defaults defaults) {
    return new RunnerSpec(
        written.value(NAME),
        provider(written, defaults),
        written.value(OS),
        arch(written),
        written.given(CPU).orElse(new Range(1, MOST_CPU)),
        written.given(RAM).orElse(new Range(1, MOST_RAM)),
        written.given(FAMILIES).orElse(List.of()),
        instanceTypes(written),
        written.given(GENERATION).map(OptionalInt::of).orElse(OptionalInt.empty()),
        written.value(DISK),
        written
            .given(IMAGE)
            .map(image -> new ImageRef(image.value(IMAGE_NAME), image.value(IMAGE_OWNER))),
        written.value(SPOT),
        written.value(MAX_RUNTIME),
        written.value(LABELS),
        written.given(SLOTS).orElse(0),
        written.given(COMMAND).orElse(List.of()),
        written.value(PRIVATE),
        written.value(INSTANCE_METADATA));
  }

  /** The spec of a pool that names no runner but an instance type, as a runs-fleet.yml does. */
  static RunnerSpec ofInstanceType(String instanceType) {
    return new RunnerSpec(
        instanceType,
        Provider.EC2,
        Os.LINUX,
        archOf(instanceType).orElse(Arch.AMD64),
        new Range(1, MOST_CPU),
        new Range(1, MOST_RAM),
        List.of(),
        List.of(instanceType),
        OptionalInt.empty(),
        DISK.standard().orElseThrow(),
        Optional.empty(),
        SPOT.standard().orElseThrow(),
        MAX_RUNTIME.standard().orElseThrow(),
        List.of(),
        0,
        List.of(),
        false,
        false);
  }

  private static Arch arch(Fields written) {
    return written
        .given(ARCH)
        .or(() -> families(written).flatMap(family -> archOf(family).stream()).findFirst())
        .orElse(Arch.AMD64);
  }

  private static List<String> instanceTypes(Fields written) {
    return written
        .given(INSTANCE_TYPE)
        .map(List::of)
        .or(() -> written.given(INSTANCE_TYPES))
        .orElse(List.of());
  }

  /** Families and instance types, whichever decide. */
  private static Stream<String> families(Fields written) {
    List<String> types = instanceTypes(written);
    return types.isEmpty() ? written.given(FAMILIES).orElse(List.of()).stream() : types.stream();
  }

  /**
   * Empty for the beginning of a family's name, as {@code c7}, which there is in both.
   *
   * @param family or an instance type of it
   */
  static Optional<Arch> archOf(String family) {
    int dot = family.indexOf('.');
    String name = dot < 0 ? family : family.substring(0, dot);
    if (GRAVITON.matcher(name).matches()) {
      return Optional.of(Arch.ARM64);
    }
    return dot < 0 && OPEN_FAMILY.matcher(name).matches()
        ? Optional.empty()
        : Optional.of(Arch.AMD64);
  }
}
