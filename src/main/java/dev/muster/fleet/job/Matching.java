package dev.muster.fleet.job;

import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.ImageRef;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.Range;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.fleet.spec.Spot;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Finds the pool that serves a job. Pure: the same labels and config always give the same pool, so
 * that an ad hoc pool, of which the config knows nothing, can be found again from its jobs.
 */
public final class Matching {
  /** Runner names that say what they are, as {@code 4cpu-linux-arm64}. */
  private static final Pattern SPEAKING =
      Pattern.compile(
          "(?:([1-9][0-9]{0,3})cpu-)?(?:[a-z0-9.]+-)*(linux|windows)-(arm64|amd64|x64)");

  /** It becomes part of an ad hoc pool's name. */
  private static final int LONGEST_NAME = 60;

  /** What rows have room for. The parts of an ad hoc pool's name may be longer together. */
  private static final int LONGEST_POOL = 200;

  private static final Range ANY_CPU = new Range(2, 8);
  private static final Range ANY_RAM = new Range(1, 32_768);
  private static final int STANDARD_DISK = 64;
  private static final Duration STANDARD_RUN = Duration.ofHours(6);

  private final FleetSpec fleet;

  public Matching(FleetSpec fleet) {
    this.fleet = fleet;
  }

  /**
   * Finds the pool of a job.
   *
   * @param onDemand whether the job was lost with a spot machine before: then spot capacity that is
   *     merely preferred is not asked for. A spec that takes nothing else stays as it is.
   */
  public Match match(JobFacts job, boolean onDemand) {
    return switch (Labels.read(job.labels())) {
      case Labels.Reading.Malformed(String reason) -> new Match.Rejected(reason);
      case Labels.Reading.Marked(LabelRequest request) -> attempt(job, request, onDemand);
      case Labels.Reading.Unmarked() ->
          named(job.labels())
              .map(spec -> attempt(job, asking(spec.name()), onDemand))
              .orElseGet(Match.NotOurs::new);
    };
  }

  /** The first spec that one of the labels names; GitHub's labels ignore case. */
  private Optional<RunnerSpec> named(List<String> labels) {
    return fleet.runners().stream()
        .filter(spec ->
            labels.stream()
                .anyMatch(label ->
                    label.equalsIgnoreCase(spec.name())
                        || spec.labels().stream().anyMatch(label::equalsIgnoreCase)))
        .findFirst();
  }

  private static LabelRequest asking(String runner) {
    return new LabelRequest(
        Optional.of(runner),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private Match attempt(JobFacts job, LabelRequest request, boolean onDemand) {
    try {
      PoolSpec pool = place(job, request, onDemand);
      return new Match.Served(pool, allowsForks(pool.environment()));
    } catch (CannotServe e) {
      return new Match.Rejected(e.getMessage());
    }
  }

  private boolean allowsForks(String environment) {
    return fleet.environment(environment).map(e -> e.allow().forks()).orElse(false);
  }

  private PoolSpec place(JobFacts job, LabelRequest request, boolean onDemand) {
    Optional<PoolSpec> pool = request.pool().map(this::pool);
    String environment = environment(job, request, pool);
    RunnerSpec refined = refine(base(request, pool, environment), request);
    RunnerSpec spec = onDemand ? refined.onDemand() : refined;
    if (pool.isPresent()) {
      return inPool(pool.get(), spec, request);
    }
    return fleet.pools().stream()
        .filter(p -> p.environment().equals(environment))
        .filter(p -> request.region().map(p.region()::equals).orElse(true))
        .filter(p -> p.runner().sameInstance(spec))
        .findFirst()
        .orElseGet(() -> adHoc(spec, environment, region(request, environment)));
  }

  private PoolSpec pool(String name) {
    return fleet
        .pool(name)
        .orElseThrow(() ->
            new CannotServe(
                "there is no pool '"
                    + name
                    + "'"
                    + Labels.suggestion(
                        name, fleet.pools().stream().map(PoolSpec::name).toList())));
  }

  private String environment(JobFacts job, LabelRequest request, Optional<PoolSpec> pool) {
    String name =
        request
            .environment()
            .or(() -> pool.map(PoolSpec::environment))
            .orElse(fleet.defaults().environment());
    if (pool.isPresent() && !pool.get().environment().equals(name)) {
      throw new CannotServe(
          "pool '%s' is in environment '%s', not in '%s'"
              .formatted(pool.get().name(), pool.get().environment(), name));
    }
    EnvironmentSpec environment =
        fleet
            .environment(name)
            .orElseThrow(() ->
                new CannotServe(
                    "there is no environment '"
                        + name
                        + "'"
                        + Labels.suggestion(name, fleet.environments().keySet())));
    if (!environment.serves(job.repository())) {
      throw new CannotServe(
          "environment '%s' does not serve repository %s".formatted(name, job.repository()));
    }
    if (!job.privateRepository() && !environment.allow().publicRepositories()) {
      throw new CannotServe(
          "%s is public, and environment '%s' does not allow public repositories"
              .formatted(job.repository(), name));
    }
    return name;
  }

  private RunnerSpec base(LabelRequest request, Optional<PoolSpec> pool, String environment) {
    if (request.runner().isPresent()) {
      return runner(request.runner().get());
    }
    if (pool.isPresent()) {
      return pool.get().runner();
    }
    // A spec that a pool of the environment keeps is quicker than one that none keeps.
    return fleet.pools().stream()
        .filter(p -> p.environment().equals(environment))
        .map(PoolSpec::runner)
        .filter(spec -> fits(spec, request))
        .findFirst()
        .or(() -> fleet.runners().stream().filter(spec -> fits(spec, request)).findFirst())
        .orElseGet(() -> derived(request));
  }

  private RunnerSpec runner(String name) {
    return fleet
        .runner(name)
        .or(() -> named(List.of(name)))
        .or(() -> speaking(name))
        .orElseThrow(() ->
            new CannotServe(
                "there is no runner '"
                    + name
                    + "'"
                    + Labels.suggestion(
                        name, fleet.runners().stream().map(RunnerSpec::name).toList())));
  }

  private Optional<RunnerSpec> speaking(String name) {
    Matcher form = SPEAKING.matcher(name);
    if (fleet.defaults().provider() != Provider.EC2
        || name.length() > LONGEST_NAME
        || !form.matches()) {
      return Optional.empty();
    }
    int cpu = form.group(1) == null ? 0 : Integer.parseInt(form.group(1));
    return Optional.of(
        generic(
            name,
            "windows".equals(form.group(2)) ? Os.WINDOWS : Os.LINUX,
            "arm64".equals(form.group(3)) ? Arch.ARM64 : Arch.AMD64,
            cpu == 0 ? ANY_CPU : new Range(cpu, cpu)));
  }

  private static RunnerSpec generic(String name, Os os, Arch arch, Range cpu) {
    return new RunnerSpec(
        name,
        Provider.EC2,
        os,
        arch,
        cpu,
        ANY_RAM,
        List.of(),
        List.of(),
        OptionalInt.empty(),
        STANDARD_DISK,
        Optional.empty(),
        Spot.PREFERRED,
        STANDARD_RUN,
        List.of(),
        0,
        List.of(),
        false,
        false);
  }

  private RunnerSpec derived(LabelRequest request) {
    if (fleet.defaults().provider() != Provider.EC2) {
      throw new CannotServe("no runner of the config has what the label asks for");
    }
    Os os = request.os().orElse(Os.LINUX);
    Arch arch = request.arch().orElse(os == Os.WINDOWS ? Arch.AMD64 : Arch.ARM64);
    if (os == Os.WINDOWS && arch == Arch.ARM64) {
      throw new CannotServe("there is no Windows on arm64; say arch=amd64");
    }
    return generic("any-" + os.word() + "-" + arch.word(), os, arch, request.cpu().orElse(ANY_CPU));
  }

  private static boolean fits(RunnerSpec spec, LabelRequest request) {
    return request.os().orElse(Os.LINUX) == spec.os()
        && request.arch().map(a -> a == spec.arch()).orElse(true)
        && request.cpu().map(spec.cpu()::meets).orElse(true)
        && request.ram().map(spec.ram()::meets).orElse(true)
        && (request.families().isEmpty()
            || spec.families().isEmpty()
            || spec.families().containsAll(request.families()));
  }

  /** The spec with what the label asks on top; it must not contradict what the spec fixes. */
  private RunnerSpec refine(RunnerSpec spec, LabelRequest request) {
    require(request.os().map(os -> os == spec.os()).orElse(true), spec, "os");
    require(request.arch().map(arch -> arch == spec.arch()).orElse(true), spec, "arch");
    if (spec.provider() == Provider.LOCAL) {
      // A process of the appliance's own machine: sizes, families and images do not apply.
      return spec.with(spec.cpu(), spec.ram(), request.maxRuntime().orElse(spec.maxRuntime()));
    }
    RunnerSpec sized =
        spec.with(
            request.cpu().orElse(spec.cpu()),
            request.ram().orElse(spec.ram()),
            request.maxRuntime().orElse(spec.maxRuntime()));
    return new RunnerSpec(
        spec.name(),
        spec.provider(),
        spec.os(),
        spec.arch(),
        sized.cpu(),
        sized.ram(),
        request.families().isEmpty() ? spec.families() : request.families(),
        fixedTypes(spec, request),
        request.generation().isPresent() ? request.generation() : spec.generation(),
        request.disk().orElse(spec.disk()),
        request.image().map(this::image).or(spec::image),
        request.spot().map(s -> s ? Spot.PREFERRED : Spot.NEVER).orElse(spec.spot()),
        sized.maxRuntime(),
        spec.labels(),
        spec.slots(),
        spec.command(),
        request.privateSubnet().orElse(spec.privateSubnet()),
        spec.instanceMetadata());
  }

  /** Fixed types stay fixed unless the label asks for another size or family. */
  private static List<String> fixedTypes(RunnerSpec spec, LabelRequest request) {
    boolean resized =
        request.cpu().isPresent()
            || request.ram().isPresent()
            || !request.families().isEmpty()
            || request.generation().isPresent();
    return resized ? List.of() : spec.instanceTypes();
  }

  private ImageRef image(String name) {
    return fleet.runners().stream()
        .filter(spec -> spec.name().equals(name))
        .flatMap(spec -> spec.image().stream())
        .findFirst()
        .or(() ->
            fleet.runners().stream()
                .flatMap(spec -> spec.image().stream())
                .filter(image -> image.name().equals(name))
                .findFirst())
        .orElseThrow(() -> new CannotServe("the config names no image '" + name + "'"));
  }

  private static void require(boolean holds, RunnerSpec spec, String key) {
    if (!holds) {
      throw new CannotServe(
          "runner '%s' is %s %s, and the label's %s asks for another"
              .formatted(spec.name(), spec.os().word(), spec.arch().word(), key));
    }
  }

  private PoolSpec inPool(PoolSpec pool, RunnerSpec spec, LabelRequest request) {
    if (request.region().isPresent() && !pool.region().equals(request.region().get())) {
      throw new CannotServe(
          "pool '%s' is in region '%s', not in '%s'"
              .formatted(pool.name(), pool.region(), request.region().get()));
    }
    if (pool.runner().sameInstance(spec)) {
      return pool;
    }
    return adHoc(
        pool.name() + "~" + spec.hash().substring(0, 8), spec, pool.environment(), pool.region());
  }

  private String region(LabelRequest request, String environment) {
    EnvironmentSpec spec =
        fleet.environments().getOrDefault(environment, EnvironmentSpec.named(environment));
    String region = request.region().orElse(fleet.defaults().region());
    if (request.region().isPresent() && spec.regions().isEmpty() && !regions().contains(region)) {
      throw new CannotServe(
          "the config has no region '%s'%s"
              .formatted(region, Labels.suggestion(region, regions())));
    }
    if (request.region().isPresent()
        && !spec.regions().isEmpty()
        && !spec.regions().containsKey(region)) {
      throw new CannotServe(
          "environment '%s' has no region '%s'%s"
              .formatted(environment, region, Labels.suggestion(region, spec.regions().keySet())));
    }
    if (request.region().isEmpty() && !spec.regions().containsKey(region)) {
      return spec.regions().keySet().stream().sorted().findFirst().orElse(region);
    }
    return region;
  }

  /** Every region that the config speaks of. */
  private Set<String> regions() {
    Set<String> regions = new TreeSet<>();
    regions.add(fleet.defaults().region());
    fleet.pools().forEach(pool -> regions.add(pool.region()));
    fleet.environments().values().forEach(e -> regions.addAll(e.regions().keySet()));
    return regions;
  }

  private PoolSpec adHoc(RunnerSpec spec, String environment, String region) {
    String name =
        "~%s~%s~%s~%s".formatted(spec.name(), environment, region, spec.hash().substring(0, 8));
    return adHoc(shortened(name), spec, environment, region);
  }

  /** The same for the same name, and another for every other. */
  private static String shortened(String name) {
    if (name.length() <= LONGEST_POOL) {
      return name;
    }
    String mark = "~" + HexFormat.of().formatHex(DigestUtils.sha256(name), 0, 16);
    return name.substring(0, LONGEST_POOL - mark.length()) + mark;
  }

  private PoolSpec adHoc(String name, RunnerSpec spec, String environment, String region) {
    return new PoolSpec(
        name,
        spec,
        environment,
        region,
        0,
        0,
        fleet.defaults().maxRunners(),
        Duration.ofMinutes(5),
        fleet.defaults().timeZone(),
        List.of(),
        10,
        true);
  }

  private static final class CannotServe extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String reason;

    CannotServe(String reason) {
      super(reason, null, false, false);
      this.reason = reason;
    }

    @Override
    public String getMessage() {
      return reason;
    }
  }
}
