package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.Phase;
import dev.muster.agentlink.AgentDesk.Enrolment;
import dev.muster.agentlink.AgentSession;
import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.fixture.StandIn;
import dev.muster.fleet.compute.FakeComputeProvider;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.github.GitHubClient;
import dev.muster.fleet.github.GitHubSpec;
import dev.muster.fleet.github.JobReconciler;
import dev.muster.fleet.job.EndedJobs;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.Ownership;
import dev.muster.fleet.job.OwnershipStore;
import dev.muster.fleet.region.JobReplica;
import dev.muster.fleet.region.RegionalDuties;
import dev.muster.fleet.region.RegionalHomes;
import dev.muster.fleet.region.RegionalJobs;
import dev.muster.fleet.region.RunnerReplica;
import dev.muster.fleet.region.TakeoverReconciler;
import dev.muster.fleet.runner.FakeRunnerRegistry;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.Environments;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.replication.GlobalTable;
import dev.muster.kernel.replication.Membership;
import dev.muster.kernel.replication.Mirror;
import dev.muster.kernel.replication.RegionFixture;
import dev.muster.kernel.replication.Succession;
import dev.muster.sandbox.SandboxApp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Three regions with clouds of their own, a GitHub that tells what it does to one of them, and a
 * table between them, all under one clock and one seed: whatever happens to them, in any order.
 */
final class RegionsWorld implements AutoCloseable {
  private static final List<String> REGIONS = List.of("east", "north", "west");
  private static final String ENVIRONMENT = "dev";
  private static final SandboxApp APP = SandboxApp.generate(7);
  private static final Duration AFTER = Duration.ofSeconds(90);

  /** In a job as it is told. */
  private static final Pattern EPOCH = Pattern.compile("\"epoch\":(\\d+)");

  /** A job as GitHub has it. */
  private static final class AtGitHub {
    final long id;
    final String label;
    String status = "queued";
    String runner = "";

    AtGitHub(long id, String label) {
      this.id = id;
      this.label = label;
    }

    String json() {
      String now = "\"2026-03-04T12:00:00Z\"";
      return """
      {"status": "%s", "conclusion": %s, "runner_name": "%s", "started_at": %s, "completed_at": %s}
      """
          .formatted(
              status,
              status.equals("completed") ? "\"success\"" : "null",
              runner,
              now,
              status.equals("completed") ? now : "null");
    }
  }

  /** What GitHub has to tell. */
  private record News(String action, AtGitHub job, String runner) {}

  /** A runner's program that waits for a job, or works. */
  private record Program(String region, RunnerId runner, String instance) {}

  /** An appliance that lives. */
  private record Living(FleetFixture fleet, RegionFixture place, RegionalHomes homes) {}

  private final Path folder;
  private final Random random;
  private final VirtualTime time = new VirtualTime("2026-03-04T12:00:00Z");
  private final GlobalTable table = new GlobalTable();
  private final FakeRunnerRegistry registry = new FakeRunnerRegistry();
  private final Map<String, FakeComputeProvider> clouds = new TreeMap<>();
  private final Map<String, Living> living = new TreeMap<>();
  private final Set<String> unreachable = new HashSet<>();
  private final Map<Long, AtGitHub> jobs = new TreeMap<>();
  private final List<News> news = new ArrayList<>();
  private final List<News> missed = new ArrayList<>();
  private final Map<String, Program> programs = new LinkedHashMap<>();
  private final Set<RunnerId> enrolled = new HashSet<>();
  private final List<String> history = new ArrayList<>();
  private final StandIn api;
  private final GitHubClient client;
  private long made = 100;
  private int takeovers;
  private long letGo;

  RegionsWorld(Path folder, long seed) throws IOException {
    this.folder = folder;
    random = new Random(seed);
    api = StandIn.start(this::answer);
    SecretRef key = new SecretRef("key");
    GitHubSpec spec =
        new GitHubSpec(api.url(), Optional.of(new GitHubSpec.App(APP.id(), key)), List.of());
    client =
        new GitHubClient(
            () -> Optional.of(spec),
            ref -> Optional.of(new Secrets.Found(APP.privateKeyPem(), "the test")),
            time,
            new GitHubClient.Observer() {
              @Override
              public void called(
                  dev.muster.fleet.github.Operation operation, String outcome, Duration took) {}

              @Override
              public void remaining(String budget, long requests) {}
            });
    for (String region : REGIONS) {
      table.in(region);
      clouds.put(region, new FakeComputeProvider(Provider.EC2, time));
    }
    REGIONS.forEach(this::start);
    table.settle();
    pass(1);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String body;
    if (path.endsWith("/installation")) {
      body = "{\"id\": 1}";
    } else if (path.endsWith("/access_tokens")) {
      body = "{\"token\": \"t\", \"expires_at\": \"2036-01-01T00:00:00Z\"}";
    } else {
      long id = Long.parseLong(path.substring(path.lastIndexOf('/') + 1));
      body = Objects.requireNonNull(jobs.get(id)).json();
    }
    StandIn.answer(exchange, 200, body);
  }

  private FakeComputeProvider cloud(String region) {
    return Objects.requireNonNull(clouds.get(region));
  }

  private void say(String what) {
    history.add(what);
  }

  void start(String region) {
    FleetFixture fleet =
        new FleetFixture(
            folder.resolve(region), time, cloud(region), registry, new Random(random.nextLong()));
    Map<String, Membership> memberships = new HashMap<>();
    Membership.All all =
        new Membership.All() {
          @Override
          public Map<String, Membership> now() {
            return memberships;
          }

          @Override
          public boolean changing() {
            return memberships.isEmpty();
          }
        };
    RegionalHomes homes =
        new RegionalHomes(region, fleet.store.database(), all, fleet::config, fleet.placement);
    fleet.regions(homes);
    RegionalJobs regional =
        new RegionalJobs(
            region,
            fleet.store.database(),
            fleet.store.writer(),
            fleet.queue,
            time,
            fleet.webhooks);
    Map<String, Succession.Rule> rules = new HashMap<>();
    for (String one : REGIONS) {
      rules.put(
          one, new Succession.Rule(REGIONS.stream().filter(o -> !o.equals(one)).toList(), AFTER));
    }
    RegionFixture place =
        new RegionFixture(
            region,
            region,
            ENVIRONMENT,
            fleet.store,
            table.in(region),
            time,
            rules,
            address -> answers(region, address.substring("http://".length())),
            List.of(
                new JobReplica(region, fleet.queue, time, () -> Duration.ofDays(7)),
                new RunnerReplica()),
            new RegionalDuties(
                fleet.queue,
                fleet.audit,
                time,
                fleet::config,
                regional::bringTogether,
                lost -> {}));
    memberships.put(ENVIRONMENT, place);
    fleet.register(regional);
    fleet.register(
        new TakeoverReconciler(
            fleet.store.database(),
            fleet.store.writer(),
            fleet.queue,
            fleet.audit,
            time,
            client,
            fleet.placement));
    fleet.register(
        new JobReconciler(
            fleet.store.database(),
            fleet.store.writer(),
            fleet.queue,
            time,
            client,
            fleet.webhooks,
            EndedJobs.UNHEARD));
    fleet.configure(config());
    place.seed();
    place.begin();
    holdsNothingThatWasTaken(region, fleet);
    living.put(region, new Living(fleet, place, homes));
  }

  /** What others took over is let go before anything is launched for it. */
  private void holdsNothingThatWasTaken(String region, FleetFixture fleet) {
    for (JobId id :
        fleet.store.<List<JobId>>read(
            read -> OwnershipStore.openSince(read, ENVIRONMENT, time.instant()))) {
      Ownership ours =
          fleet.store.<Ownership>read(read -> OwnershipStore.of(read, id).orElseThrow());
      int told =
          fleet
              .store
              .<List<Mirror.Held>>read(read -> Mirror.of(read, JobStore.KIND, id.toString()))
              .stream()
              .mapToInt(held -> epoch(held.item().body()))
              .max()
              .orElse(0);
      assertThat(ours.epoch()).as("of job %s at %s", id, region).isGreaterThanOrEqualTo(told);
      letGo += ours.elsewhere().isPresent() ? 1 : 0;
    }
  }

  private static int epoch(String body) {
    Matcher epoch = EPOCH.matcher(body);
    assertThat(epoch.find()).as(body).isTrue();
    return Integer.parseInt(epoch.group(1));
  }

  private boolean answers(String by, String of) {
    return living.containsKey(of) && !unreachable.contains(of) && !unreachable.contains(by);
  }

  private static FleetSpec config() {
    return new FleetSpec(
        new FleetSpec.Defaults(Provider.EC2, ENVIRONMENT, "east", ZoneId.of("UTC"), 1_000),
        List.of(FleetFixture.SPEC),
        Map.of(ENVIRONMENT, environment()),
        REGIONS.stream()
            .map(region ->
                new PoolSpec(
                    region + "-pool",
                    FleetFixture.SPEC,
                    ENVIRONMENT,
                    region,
                    0,
                    0,
                    20,
                    Duration.ofMinutes(5),
                    ZoneId.of("UTC"),
                    List.of(),
                    10,
                    false))
            .toList());
  }

  /** Forks are welcome: nobody has to be asked where a job's code comes from. */
  private static EnvironmentSpec environment() {
    return Environments.named(ENVIRONMENT).allow(true, true).spec();
  }

  private String any() {
    return REGIONS.get(random.nextInt(REGIONS.size()));
  }

  void turn() {
    String region = any();
    switch (random.nextInt(16)) {
      case 0, 1 -> queue(any());
      case 2, 3, 4 -> tell();
      case 5, 6 -> machines();
      case 7 -> dispatch();
      case 8 -> finishOne();
      case 9 -> table.move(1 + random.nextInt(8), random);
      case 10 -> {
        if (random.nextInt(3) == 0 && !unreachable.contains(region)) {
          table.cut(region);
          unreachable.add(region);
          say("%s is cut off".formatted(region));
        } else {
          join(region);
        }
      }
      case 11 -> {
        if (living.containsKey(region) && random.nextInt(2) == 0) {
          crash(region);
        } else if (!living.containsKey(region)) {
          say("%s returns".formatted(region));
          start(region);
        }
      }
      default -> pass(1 + random.nextInt(40));
    }
  }

  private void join(String region) {
    table.join(region);
    if (unreachable.remove(region)) {
      say("%s is joined".formatted(region));
    }
  }

  void crash(String region) {
    say("%s crashes".formatted(region));
    Objects.requireNonNull(living.remove(region)).fleet().close();
  }

  void queue(String region) {
    AtGitHub job = new AtGitHub(++made, "muster/pool=" + region + "-pool");
    jobs.put(job.id, job);
    news.add(new News("queued", job, ""));
    say("job %d is queued for %s".formatted(job.id, job.label));
  }

  /** GitHub tells what it has to, at the first region's address; what nobody heard is missed. */
  void tell() {
    if (news.isEmpty()) {
      return;
    }
    News one = news.remove(random.nextInt(news.size()));
    Living heard = living.get(REGIONS.getFirst());
    if (heard == null || unreachable.contains(REGIONS.getFirst())) {
      missed.add(one);
      say("nobody hears that job %d is %s".formatted(one.job().id, one.action()));
    } else {
      tell(heard, one);
    }
  }

  private void tell(Living heard, News one) {
    say(
        "%s hears that job %d is %s"
            .formatted(heard.place().lease().region(), one.job().id, one.action()));
    heard
        .fleet()
        .webhook(
            one.action(),
            one.job().id,
            one.job().label,
            1,
            one.runner(),
            one.action().equals("completed") ? "success" : "");
    heard.fleet().run();
  }

  /** Whoever reads GitHub's deliveries finds those that nobody recorded. */
  private void catchUp() {
    for (Living one : living.values()) {
      if (!missed.isEmpty()
          && !unreachable.contains(one.place().lease().region())
          && (one.homes().leads() || one.homes().standsIn())) {
        List<News> found = List.copyOf(missed);
        missed.clear();
        found.forEach(each -> tell(one, each));
      }
    }
  }

  /** Machines boot, enrol, ask what to do, and do it. */
  private void machines() {
    for (Living one : List.copyOf(living.values())) {
      for (Runner runner : one.fleet().runners(RunnerState.BOOTING)) {
        if (!enrolled.contains(runner.id())
            && runner.instance().isPresent()
            && one.fleet().tryEnrol(runner) instanceof Enrolment.Granted) {
          enrolled.add(runner.id());
          one.fleet().run();
        }
      }
      one.fleet().runners(RunnerState.ASSIGNED, RunnerState.REGISTERED).stream()
          .filter(
              runner -> programs.values().stream().noneMatch(p -> p.runner().equals(runner.id())))
          .forEach(runner -> ask(one, runner));
      ended(one);
    }
  }

  private void ask(Living one, Runner runner) {
    AgentSession agent = new AgentSession(runner.id().value(), AgentSession.Scope.FULL);
    if (one.fleet().poll(agent).orElse(null) instanceof Instruction.Assign) {
      Runner now = one.fleet().runner(runner.id());
      String name = now.reservation().orElseThrow().name();
      programs.put(
          name,
          new Program(one.place().lease().region(), runner.id(), now.instance().orElseThrow()));
      one.fleet().report(agent, 1, Phase.STARTING);
    }
  }

  /** A program whose registration is gone has nothing to wait for, and its machine ends. */
  private void ended(Living one) {
    String region = one.place().lease().region();
    for (Map.Entry<String, Program> entry : List.copyOf(programs.entrySet())) {
      Program program = entry.getValue();
      if (program.region().equals(region) && !registry.names().contains(entry.getKey())) {
        programs.remove(entry.getKey());
        one.fleet()
            .report(
                new AgentSession(program.runner().value(), AgentSession.Scope.REPORT),
                2,
                Phase.FINISHED);
        cloud(region).vanish(program.instance());
      }
    }
  }

  private List<String> free(AtGitHub job) {
    return programs.keySet().stream()
        .filter(name -> registry.names().contains(name) && !registry.working(name))
        .filter(name -> registry.labels(name).contains(job.label))
        .toList();
  }

  private void dispatch() {
    for (AtGitHub job : jobs.values()) {
      List<String> free = job.status.equals("queued") ? free(job) : List.of();
      if (!free.isEmpty()) {
        job.runner = free.get(random.nextInt(free.size()));
        job.status = "in_progress";
        registry.busy(job.runner);
        news.add(new News("in_progress", job, job.runner));
        say("job %d runs on %s".formatted(job.id, job.runner));
      }
    }
  }

  private void finishOne() {
    jobs.values().stream()
        .filter(job -> job.status.equals("in_progress"))
        .min(Comparator.comparingLong(job -> (job.id * 31) % 7))
        .ifPresent(this::finish);
  }

  private void finish(AtGitHub job) {
    job.status = "completed";
    registry.over(job.runner);
    news.add(new News("completed", job, job.runner));
    say("job %d is done".formatted(job.id));
  }

  void pass(int seconds) {
    int left = seconds;
    while (left > 0) {
      int step = Math.min(10, left);
      left -= step;
      time.pass(Duration.ofSeconds(step));
      for (Living one : living.values()) {
        one.place()
            .tick()
            .taken()
            .keySet()
            .forEach(silent -> {
              takeovers++;
              say("%s stands in for %s".formatted(one.place().lease().region(), silent));
            });
        one.fleet().run();
        one.place().send();
        table.move(random.nextInt(4), random);
        one.place().take();
        one.fleet().run();
      }
    }
    catchUp();
  }

  /** The tables of all regions have what any has. */
  void settle() {
    table.settle();
  }

  /** How often a region stood in for another. */
  int takeovers() {
    return takeovers;
  }

  /** How many jobs regions that began had let go, as others had taken them over. */
  long letGo() {
    return letGo;
  }

  /** All is joined and started, and everybody works until there is nothing to do. */
  void mend() {
    REGIONS.forEach(this::join);
    REGIONS.stream().filter(region -> !living.containsKey(region)).toList().forEach(this::start);
    say("all is mended");
    for (int round = 0; round < 120 && !done(); round++) {
      while (!news.isEmpty()) {
        tell();
      }
      table.settle();
      pass(20);
      machines();
      dispatch();
      jobs.values().stream()
          .filter(job -> job.status.equals("in_progress"))
          .toList()
          .forEach(this::finish);
    }
    for (int round = 0; round < 35; round++) {
      table.settle();
      pass(60);
      machines();
    }
  }

  private boolean done() {
    return news.isEmpty()
        && missed.isEmpty()
        && jobs.values().stream().allMatch(job -> job.status.equals("completed"));
  }

  void check() {
    assertThat(jobs).as("what was tried: %s", this).isNotEmpty();
    for (AtGitHub job : jobs.values()) {
      assertThat(job.status).as(() -> told(job)).isEqualTo("completed");
    }
    for (AtGitHub job : jobs.values()) {
      List<String> homes = new ArrayList<>();
      living.forEach((region, one) -> {
        JobId id = new JobId(job.id);
        Optional<Ownership> known = one.fleet().store.read(read -> OwnershipStore.of(read, id));
        if (known.filter(ownership -> ownership.elsewhere().isEmpty()).isPresent()) {
          homes.add(region);
          assertThat(one.fleet().jobState(job.id))
              .as(() -> told(job))
              .isEqualTo(JobState.COMPLETED);
        }
      });
      assertThat(homes).as(() -> "the homes of " + told(job)).hasSize(1);
    }
    clouds.forEach((region, cloud) ->
        assertThat(cloud.machines()).as("machines left in %s: %s", region, history).isEmpty());
    assertThat(registry.names()).as("registered still: %s", history).isEmpty();
  }

  @Override
  public String toString() {
    return "%d jobs in three regions, %d takeovers, %d machines"
        .formatted(
            jobs.size(),
            takeovers,
            clouds.values().stream()
                .flatMap(cloud -> cloud.launches().stream())
                .mapToInt(LaunchRequest::count)
                .sum());
  }

  private String told(AtGitHub job) {
    StringBuilder told =
        new StringBuilder("job %d (%s)\n".formatted(job.id, job.label))
            .append(String.join("\n", history));
    JobId id = new JobId(job.id);
    living.forEach((region, one) ->
        one.fleet()
            .store
            .read(read -> {
              told.append("\n%s: %s".formatted(region, OwnershipStore.of(read, id)));
              JobStore.find(read, id).ifPresent(known -> told.append(" ").append(known.state()));
              JobStore.timeline(read, id).forEach(line -> told.append("\n  ").append(line));
              return region;
            }));
    return told.toString();
  }

  @Override
  public void close() {
    living.values().forEach(one -> one.fleet().close());
    client.close();
    api.close();
  }
}
