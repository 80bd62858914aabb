package dev.muster.fleet.compute.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.Appliance;
import dev.muster.Surroundings;
import dev.muster.cli.tools.GitClient;
import dev.muster.fixture.TestPrograms;
import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.spec.Provider;
import dev.muster.kernel.clock.SystemTimers;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Running;
import dev.muster.kernel.home.Settings;
import dev.muster.sandbox.SandboxApp;
import dev.muster.sandbox.SandboxGitHub;
import dev.muster.sandbox.SandboxJob;
import dev.muster.sandbox.SandboxSettings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fleet from end to end: the appliance, a stand-in GitHub, and an EC2 in memory whose machines
 * are agent processes that boot from the user data they were given. Two hundred jobs over three
 * pools, with missing capacity, interruptions and a restart of the appliance in the middle.
 */
@Timeout(420)
class FleetEndToEndIT {
  private static final InstantSource CLOCK = InstantSource.system();
  private static final String REPOSITORY = "acme/api";
  private static final int JOBS = 200;
  private static final int INTERRUPTED = 4;

  @TempDir private Path folder;
  private final SystemTimers timers = new SystemTimers(CLOCK);
  private final FakeEc2 ec2 = new FakeEc2(CLOCK);
  private final Set<String> endedAtWork = ConcurrentHashMap.newKeySet();
  private BootedMachines machines;
  private SandboxGitHub sandbox;
  private Home home;
  private int port;
  private Optional<Appliance> appliance = Optional.empty();

  @BeforeEach
  void prepare() throws Exception {
    for (String program : List.of("jq", "curl")) {
      assumeTrue(
          Stream.of("/usr/bin", "/bin", "/usr/local/bin")
              .anyMatch(bin -> Files.isExecutable(Path.of(bin, program))),
          program + " is not installed, which the bootstrap uses");
    }
    machines = new BootedMachines(Files.createDirectories(folder.resolve("machines")), ec2);
    ec2.image("ami-00000001", "muster-runner-linux-arm64-1", "111", "arm64", "2026-01-01");
    ec2.lag(Duration.ofMillis(500)); // what was just made is not listed yet
    ec2.outOf("c7g.xlarge", "subnet-a", true);
    ec2.outOf("c7g.xlarge", "subnet-b", true);
    ec2.outOf("m7g.large", "subnet-a", false);
    ec2.atTermination(this::terminating);
    SandboxApp app = SandboxApp.generate(1);
    home = TestPrograms.home(folder.resolve("home"), app);
    sandbox = SandboxGitHub.start(SandboxSettings.DEFAULT, app, CLOCK);
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    start();
    sandbox.sendWebhooksTo(appliance().running().publicUrl().resolve("/webhooks/github"));
  }

  @AfterEach
  void end() {
    stop();
    machines.close();
    timers.close();
    sandbox.close();
  }

  private Appliance appliance() {
    return appliance.orElseThrow();
  }

  private void start() throws Exception {
    Path runner = TestPrograms.runner(folder);
    Map<String, String> listen = Map.of("listen", "127.0.0.1:" + port, "admin", "127.0.0.1:0");
    appliance =
        Optional.of(
            Appliance.start(
                home,
                Settings.read(home, listen, Map.of()),
                new Surroundings(
                    CLOCK,
                    timers,
                    new SecureRandom(),
                    Map.of(),
                    config -> List.of("/bin/false"),
                    "test",
                    Map.of(
                        Provider.EC2,
                        (fleet, database, writer) ->
                            startingInstead(
                                runner,
                                new Ec2ComputeProvider(
                                    fleet,
                                    new OneAccount(ec2),
                                    new Ec2Records(database, writer),
                                    CLOCK))))));
  }

  /** The same provider, on whose images another program is GitHub's runner. */
  private static ComputeProvider startingInstead(Path runner, ComputeProvider provider) {
    return (ComputeProvider)
        Proxy.newProxyInstance(
            FleetEndToEndIT.class.getClassLoader(),
            new Class<?>[] {ComputeProvider.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("command")) {
                return List.of(runner.toString());
              }
              try {
                return method.invoke(provider, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private void stop() {
    appliance.ifPresent(Appliance::close);
    appliance = Optional.empty();
  }

  @Test
  void everyJobCompletesAndNothingIsLeft() throws Exception {
    push(
        """
        pools:
          - { name: spot, runner: spot, max: 6, idle_timeout_minutes: 1 }
          - { name: sure, runner: sure, max: 4, idle_timeout_minutes: 1 }
          - { name: warm, runner: sure, max: 5, desired_stopped: 2, idle_timeout_minutes: 1 }
        """);
    List<SandboxJob> victims = new ArrayList<>();
    for (int i = 0; i < INTERRUPTED; i++) {
      victims.add(
          queue(
              "spot",
              i,
              "[ -e %1$s ] || { touch %1$s; sleep 60; }".formatted(folder.resolve("once-" + i))));
    }
    List<SandboxJob> jobs = new ArrayList<>(victims);
    for (int i = INTERRUPTED; i < JOBS / 2; i++) {
      jobs.add(queue(List.of("spot", "sure", "warm").get(i % 3), i, "true"));
    }
    awaitRunning(victims);
    victims.forEach(victim -> machines.interrupt(instanceOf(victim)));
    ec2.backInStock();
    await("a third of the jobs", () -> completed(jobs) >= JOBS / 3);

    stop();
    for (int i = JOBS / 2; i < JOBS; i++) { // while nobody hears the webhooks
      jobs.add(queue(List.of("spot", "sure", "warm").get(i % 3), i, "true"));
    }
    start();
    await("every job, or its rerun", () -> succeeded(jobs) == JOBS);

    push("pools: []\n");
    await("no machine is left", () -> ec2.machines().isEmpty() && machines.alive() == 0);
    assertThat(endedAtWork).as("machines that were ended while a job ran on them").isEmpty();
    assertThat(sandbox.runners()).as("registrations that are left at GitHub").isEmpty();
    for (SandboxJob victim : victims) {
      assertThat(jobOf(victim).state().word()).isEqualTo("interrupted");
    }
    Map<String, Boolean> reach = machines.reachMetadata();
    assertThat(reach.values()).contains(true, false);
    reach.forEach((instance, reached) ->
        assertThat(reached)
            .as("jobs on %s, a %s, reach the metadata", instance, specOf(instance))
            .isEqualTo(specOf(instance).equals("sure")));
  }

  private SandboxJob queue(String pool, int number, String step) {
    return sandbox.queueJob(
        REPOSITORY, List.of("muster=%d/pool=%s".formatted(number, pool)), List.of(step));
  }

  private void push(String pools) throws Exception {
    Path work = Files.createDirectories(folder.resolve("config"));
    Files.writeString(
        work.resolve("muster.yml"),
        """
        version: "1"
        defaults: { region: eu-west-1, environment: dev }
        github:
          api_url: %s
          app: { id: 1, private_key: { secret: app } }
          webhook_secret: { secret: hook }
        environments:
          dev: { regions: { eu-west-1: { subnets: [subnet-a, subnet-b] } } }
        runners:
          - { name: spot, os: linux, arch: arm64, instance_types: [c7g.xlarge, m7g.large] }
          - { name: sure, os: linux, arch: arm64, instance_types: [m7g.large], spot: never, instance_metadata: true }
        """
                .formatted(sandbox.url())
            + pools);
    Running running = appliance().running();
    new GitClient(work, running.token()).publish(running.publicUrl(), "fleet");
  }

  private Job jobOf(SandboxJob job) {
    return appliance()
        .database()
        .read(read -> JobStore.find(read, new JobId(job.id())))
        .orElseThrow();
  }

  private String specOf(String instance) {
    return appliance()
        .database()
        .read(read -> RunnerStore.on(read, "ec2", instance))
        .map(runner -> runner.origin().spec())
        .orElseThrow();
  }

  private String instanceOf(SandboxJob job) {
    return appliance()
        .database()
        .read(read ->
            JobStore.find(read, new JobId(job.id()))
                .flatMap(Job::runnerName)
                .flatMap(name -> RunnerStore.named(read, name)))
        .flatMap(runner -> runner.instance())
        .orElseThrow();
  }

  private void awaitRunning(List<SandboxJob> jobs) {
    await(
        "the victims run",
        () -> jobs.stream().allMatch(job -> status(job) == SandboxJob.Status.IN_PROGRESS));
  }

  private SandboxJob.Status status(SandboxJob job) {
    return sandbox.job(job.id()).orElseThrow().status();
  }

  private long completed(List<SandboxJob> jobs) {
    return jobs.stream().filter(job -> status(job) == SandboxJob.Status.COMPLETED).count();
  }

  /** Runs whose last job, be it a rerun, went well. */
  private long succeeded(List<SandboxJob> jobs) {
    Set<Long> runs = new HashSet<>();
    jobs.forEach(job -> runs.add(job.runId()));
    return runs.stream()
        .filter(run -> {
          List<SandboxJob> all = sandbox.jobsOf(run);
          return !all.isEmpty() && all.getLast().conclusion().equals(Optional.of("success"));
        })
        .count();
  }

  /** EC2 is told to end these: none of them may be at work. */
  private void terminating(List<String> instances) {
    Set<String> busy =
        sandbox.runners().stream()
            .filter(registration -> registration.busy())
            .map(registration -> registration.name())
            .collect(Collectors.toSet());
    for (String instance : instances) {
      if (!machines.works(instance)) {
        continue; // its runner has ended, and GitHub has not noticed yet
      }
      appliance
          .flatMap(a -> a.database().read(read -> RunnerStore.on(read, "ec2", instance)))
          .flatMap(runner -> runner.reservation())
          .filter(reservation -> busy.contains(reservation.name()))
          .ifPresent(reservation -> endedAtWork.add(reservation.name()));
    }
  }

  private void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(300);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Not within 300 s: " + what + "; " + state());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private String state() {
    return appliance
            .map(a -> a.database().read(RunnerStore::counts).toString())
            .orElse("no appliance")
        + ", machines "
        + ec2.machines();
  }
}
