package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.RunnerSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which instance types fit a spec, and why the others do not.
 *
 * @param fitting in the order in which they are preferred: as named, else the smallest first
 * @param rejected reasons, each with the types that it keeps out
 */
public record TypeSelection(List<InstanceType> fitting, Map<String, List<String>> rejected) {
  /** Families for Windows where a spec names none: what its images are tried on. */
  static final List<String> WINDOWS = List.of("m6i", "c6i", "m7i", "c7i");

  private static final int MIB = 1024;

  /** Of a reason that keeps out many, so many are named. */
  private static final int NAMED = 5;

  private static final int MOST_FITTING = 12;

  private static final Comparator<InstanceType> SMALLEST =
      Comparator.comparingInt(InstanceType::cpu)
          .thenComparingInt(InstanceType::memory)
          .thenComparingInt(t -> -t.generation().orElse(0))
          .thenComparing(InstanceType::name);

  public TypeSelection {
    fitting = List.copyOf(fitting);
    rejected = Map.copyOf(rejected);
  }

  /** Chooses for {@code spec}; pure. */
  public static TypeSelection of(RunnerSpec spec, Catalogue catalogue) {
    return spec.instanceTypes().isEmpty() ? byRange(spec, catalogue) : named(spec, catalogue);
  }

  private static TypeSelection named(RunnerSpec spec, Catalogue catalogue) {
    List<InstanceType> fitting = new ArrayList<>();
    Map<String, List<String>> rejected = new LinkedHashMap<>();
    for (String name : spec.instanceTypes()) {
      Optional<InstanceType> type = catalogue.find(name);
      Optional<String> reason =
          type.isEmpty()
              ? Optional.of("there is no such type in the region")
              : wrongArch(spec, type.get());
      reason.ifPresentOrElse(
          why -> rejected.computeIfAbsent(why, key -> new ArrayList<>()).add(name),
          () -> fitting.add(type.orElseThrow()));
    }
    return new TypeSelection(fitting, rejected);
  }

  private static TypeSelection byRange(RunnerSpec spec, Catalogue catalogue) {
    List<InstanceType> fitting = new ArrayList<>();
    Map<String, List<String>> rejected = new LinkedHashMap<>();
    Predicate<InstanceType> named = named(spec.families(), catalogue);
    for (InstanceType type : catalogue.all()) {
      reason(spec, named, type)
          .ifPresentOrElse(
              why -> rejected.computeIfAbsent(why, key -> new ArrayList<>()).add(type.name()),
              () -> fitting.add(type));
    }
    fitting.sort(SMALLEST);
    return new TypeSelection(fitting, rejected);
  }

  private static Optional<String> reason(
      RunnerSpec spec, Predicate<InstanceType> named, InstanceType type) {
    return wrongFamily(spec, named, type)
        .or(() -> wrongArch(spec, type))
        .or(() -> wrongGeneration(spec, type))
        .or(() ->
            spec.cpu().contains(type.cpu())
                ? Optional.empty()
                : Optional.of("not " + spec.cpu() + " vCPU"))
        .or(() ->
            // 7.5 GiB are no 8, and no 7 either.
            type.memory() >= spec.ram().min() * MIB && type.memory() <= spec.ram().max() * MIB
                ? Optional.empty()
                : Optional.of("not " + spec.ram() + " GiB"));
  }

  private static Optional<String> wrongFamily(
      RunnerSpec spec, Predicate<InstanceType> named, InstanceType type) {
    if (!spec.families().isEmpty()) {
      return named.test(type)
          ? Optional.empty()
          : Optional.of("not of " + String.join(", ", spec.families()));
    }
    if (spec.os() == Os.WINDOWS) {
      return WINDOWS.contains(type.family())
          ? Optional.empty()
          : Optional.of("not of " + String.join(", ", WINDOWS) + ", which Windows gets unasked");
    }
    return switch (type.kind()) {
      case BURSTABLE -> Optional.of("burstable: only where its family is named");
      case ACCELERATED -> Optional.of("with an accelerator: only where its family is named");
      case USUAL ->
          type.common()
              ? Optional.empty()
              : Optional.of("of a special family: only where that is named");
    };
  }

  /** The named families; one that there is not, as {@code c7}, stands for all that begin so. */
  private static Predicate<InstanceType> named(List<String> families, Catalogue catalogue) {
    Set<String> known =
        catalogue.all().stream().map(InstanceType::family).collect(Collectors.toSet());
    return type ->
        families.stream()
            .anyMatch(family ->
                known.contains(family)
                    ? type.family().equals(family)
                    : type.family().matches(Pattern.quote(family) + "[a-z].*"));
  }

  private static Optional<String> wrongArch(RunnerSpec spec, InstanceType type) {
    return type.arch() == spec.arch()
        ? Optional.empty()
        : Optional.of("not " + spec.arch().word() + " but " + type.arch().word());
  }

  private static Optional<String> wrongGeneration(RunnerSpec spec, InstanceType type) {
    return spec.generation().isEmpty() || spec.generation().equals(type.generation())
        ? Optional.empty()
        : Optional.of("not of generation " + spec.generation().getAsInt());
  }

  /** Which fit and why the others do not, the reasons that keep out few first. */
  List<String> sentences(String spec) {
    List<String> lines = new ArrayList<>();
    lines.add(
        fitting.isEmpty()
            ? "No instance type fits " + spec + "."
            : "Instance types for %s, in this order: %s%s."
                .formatted(
                    spec,
                    fitting.stream()
                        .limit(MOST_FITTING)
                        .map(InstanceType::name)
                        .collect(Collectors.joining(", ")),
                    fitting.size() > MOST_FITTING
                        ? " and %d more".formatted(fitting.size() - MOST_FITTING)
                        : ""));
    if (!rejected.isEmpty()) {
      lines.add("Not taken: " + explanation() + ".");
    }
    return lines;
  }

  /** Why none fits, for whoever wrote the spec. */
  public String explanation() {
    return rejected.entrySet().stream()
        .sorted(Comparator.comparingInt(e -> e.getValue().size()))
        .map(e -> names(e.getValue()) + ": " + e.getKey())
        .collect(Collectors.joining("; "));
  }

  private static String names(List<String> types) {
    return types.size() <= NAMED
        ? String.join(", ", types)
        : types.size() + " types, as " + types.getFirst();
  }
}
