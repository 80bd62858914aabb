package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.muster.cli.tools.LocalRunners;
import dev.muster.fixture.TestPrograms;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Running;
import dev.muster.kernel.replication.Mirror;
import dev.muster.kernel.replication.Takeovers;
import dev.muster.kernel.replication.aws.DynamoDbLocal;
import dev.muster.kernel.replication.aws.TableCopier;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Read;
import dev.muster.sandbox.SandboxApp;
import dev.muster.sandbox.SandboxGitHub;
import dev.muster.sandbox.SandboxJob;
import dev.muster.sandbox.SandboxSettings;
import dev.muster.webhook.DeliveryStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Three appliances as processes of their own, one for each region, over tables between which a
 * copier does what a global table does. One is cut off for a while, and another killed and started
 * again. The number of jobs is the system property {@code muster.regions.jobs}.
 */
@Execution(ExecutionMode.CONCURRENT)
class RegionsIT {
  private static final int JOBS = Integer.getInteger("muster.regions.jobs", 45);
  private static final InstantSource CLOCK = InstantSource.system();
  private static final String FIRST = "eu-west-1";
  private static final String LAST = "us-east-1";
  private static final List<String> REGIONS = List.of(FIRST, "eu-central-1", LAST);

  /** A second appliance that says it is the last region's. */
  private static final String RIVAL = "rival";

  private static final String TABLE = "muster-prod-state";

  @TempDir private Path folder;
  private final Map<String, Process> appliances = new HashMap<>();
  private final Map<String, Integer> ports = new HashMap<>();
  private DynamoDbLocal local;
  private TableCopier copier;
  private SandboxGitHub sandbox;
  private int queued;

  @BeforeEach
  void prepare() throws Exception {
    local = DynamoDbLocal.start();
    for (String region : REGIONS) {
      local.table(region, TABLE).close();
    }
    copier = new TableCopier(local, TABLE, REGIONS);
    SandboxApp app = SandboxApp.generate(1);
    sandbox = SandboxGitHub.start(SandboxSettings.DEFAULT, app, CLOCK);
    Path config = config();
    for (String region : REGIONS) {
      prepare(region, region, app, config);
    }
    prepare(RIVAL, LAST, app, config);
    sandbox.sendWebhooksTo(url(FIRST).resolve("/webhooks/github"));
    for (String region : REGIONS) {
      startReady(region);
    }
  }

  private void prepare(String name, String region, SandboxApp app, Path config) throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      ports.put(name, free.getLocalPort());
    }
    Home home = TestPrograms.home(folder.resolve(name), app);
    Files.writeString(
        home.properties(),
        """
        region=%s
        listen=127.0.0.1:%d
        admin=127.0.0.1:0
        config_url=%s
        """
            .formatted(region, ports.get(name), config.toUri()));
  }

  @AfterEach
  void end() throws Exception {
    appliances.values().forEach(Process::destroyForcibly);
    for (Process process : appliances.values()) {
      process.waitFor();
    }
    LocalRunners.end(folder);
    if (local != null) {
      sandbox.close();
      copier.close();
      local.close();
    }
  }

  private Home home(String region) {
    return new Home(folder.resolve(region));
  }

  private URI url(String region) {
    return URI.create("http://127.0.0.1:" + ports.get(region));
  }

  private Path config() throws Exception {
    Path runner = TestPrograms.runner(folder);
    Path repository = Files.createDirectories(folder.resolve("config"));
    Files.writeString(
        repository.resolve("muster.yml"),
        """
        version: "1"
        defaults: { provider: local, region: eu-west-1, environment: prod }
        failover:
          eu-west-1: { to: [eu-central-1, us-east-1], after: 30s }
          eu-central-1: { to: [us-east-1, eu-west-1], after: 30s }
          us-east-1: { to: [eu-west-1, eu-central-1], after: 30s }
        github:
          api_url: %s
          app: { id: 1, private_key: { secret: app } }
          webhook_secret: { secret: hook }
        environments:
          prod: { tables: muster-prod, allow: { forks: true } }
        runners:
          - { name: here, provider: local, slots: 3, command: [%s] }
        pools:
          - { name: west, runner: here, region: eu-west-1, desired_running: 0 }
          - { name: central, runner: here, region: eu-central-1, desired_running: 0 }
          - { name: east, runner: here, region: us-east-1, desired_running: 0 }
        """
            .formatted(sandbox.url(), runner));
    git(repository, "init", "--quiet", "--initial-branch=main");
    git(repository, "add", ".");
    git(
        repository,
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@t",
        "commit",
        "--quiet",
        "-m",
        "regions");
    return repository;
  }

  private static void git(Path repository, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("git", "-C", repository.toString()));
    command.addAll(List.of(arguments));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private static List<String> java(String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    return command;
  }

  private void start(String region) throws IOException {
    Path image = Path.of("target", "muster", "bin", "muster").toAbsolutePath();
    List<String> command =
        Files.isExecutable(image)
            ? new ArrayList<>(List.of(image.toString()))
            : new ArrayList<>(java("-Xmx256m"));
    if (!Files.isExecutable(image)) {
      command.add("dev.muster.Main");
    }
    command.addAll(List.of("serve", "--home", home(region).root().toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve(region + ".log").toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_"));
    builder.environment().put("AWS_ACCESS_KEY_ID", "test");
    builder.environment().put("AWS_SECRET_ACCESS_KEY", "test");
    builder.environment().put("AWS_ENDPOINT_URL_DYNAMODB", local.url().toString());
    builder.environment().put("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", local.url().toString());
    appliances.put(region, builder.start());
  }

  private void startReady(String name) throws IOException {
    start(name);
    await(name + " is ready", 60, () -> readiness(name).equals("ready\n"));
  }

  /** What an appliance says of it; empty while it does not answer. */
  private String readiness(String name) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) url(name).resolve("/readyz").toURL().openConnection();
      connection.setConnectTimeout(1_000);
      connection.setReadTimeout(2_000);
      try (InputStream said =
          connection.getResponseCode() == 200
              ? connection.getInputStream()
              : connection.getErrorStream()) {
        return new String(said.readAllBytes(), StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      return "";
    }
  }

  private void await(String what, int seconds, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Not within %d s: %s\n%s".formatted(seconds, what, logs()));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private String logs() {
    StringBuilder all = new StringBuilder();
    for (String region : ports.keySet()) {
      if (!Files.exists(folder.resolve(region + ".log"))) {
        continue; // not started yet
      }
      try {
        List<String> lines = Files.readAllLines(folder.resolve(region + ".log"));
        all.append("--- ").append(region).append('\n');
        lines.stream()
            .skip(Math.max(0, lines.size() - 40))
            .forEach(line -> all.append(line).append('\n'));
      } catch (IOException e) {
        all.append(e).append('\n');
      }
    }
    return all.toString();
  }

  private List<SandboxJob> queue(int count) {
    List<String> wishes =
        List.of(
            "pool=west",
            "pool=central",
            "runner=here/region=us-east-1",
            "pool=east",
            "runner=here");
    List<SandboxJob> jobs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String label = "muster=%d/%s".formatted(++queued, wishes.get(i % wishes.size()));
      jobs.add(sandbox.queueJob("acme/api", List.of(label), List.of("true")));
    }
    return jobs;
  }

  private SandboxJob.Status status(SandboxJob job) {
    return sandbox.job(job.id()).orElseThrow().status();
  }

  private boolean done(List<SandboxJob> jobs) {
    return jobs.stream().allMatch(job -> status(job) == SandboxJob.Status.COMPLETED);
  }

  @Test
  @Timeout(600)
  void everyJobIsDoneOnceThoughARegionIsCutOffAndAnotherDies() throws Exception {
    REGIONS.forEach(region -> await(region + " knows the others", 60, () -> knowsOthers(region)));
    List<SandboxJob> first = queue(JOBS / 3);
    await("jobs are done where they are at home", 240, () -> done(first));
    await("all is told", 60, () -> REGIONS.stream().allMatch(this::toldAll));
    long written =
        REGIONS.stream().mapToLong(r -> regions(r).at("/replications/0/written").asLong()).sum();
    copier.cut("us-east-1");
    List<SandboxJob> second = queue(JOBS / 3);
    await(
        "some of them run",
        120,
        () -> second.stream().anyMatch(job -> status(job) == SandboxJob.Status.COMPLETED));
    copier.join("us-east-1");
    process(FIRST).destroyForcibly().waitFor();
    long died = System.nanoTime();
    List<SandboxJob> third = queue(JOBS - 2 * (JOBS / 3));
    await("the survivors do all", 300, () -> done(second) && done(third));
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - died);
    startReady(FIRST);
    List<SandboxJob> all = new ArrayList<>(first);
    all.addAll(second);
    all.addAll(third);
    await(FIRST + " knows the others again", 60, () -> knowsOthers(FIRST));
    REGIONS.forEach(
        region -> await(region + " knows that its jobs are done", 60, () -> open(region) == 0));
    stopKnowingWhatTheTableHas(FIRST);
    stopKnowingWhatTheTableHas("eu-central-1");
    anotherApplianceIsRefusedUntilTheRegionIsGivenBack();
    assertThat(mirrored(LAST)).as(LAST).isEqualTo(jobsOfOthers(LAST));

    assertThat(copier.trespasses()).as("nobody writes what is another's").isEmpty();
    assertThat(all)
        .allSatisfy(job ->
            assertThat(sandbox.job(job.id()).orElseThrow().conclusion()).contains("success"));
    assertThat(all)
        .as("no job was rerun")
        .allSatisfy(job -> assertThat(sandbox.jobsOf(job.runId())).hasSize(1));
    List<Takeovers.Takeover> takeovers = read("eu-central-1", read -> Takeovers.newest(read, 10));
    assertThat(takeovers).extracting(Takeovers.Takeover::region).contains(FIRST);
    assertThat(takeovers).allSatisfy(t -> assertThat(t.returnedAt()).isPresent());
    for (String region : REGIONS) {
      assertThat(
              this.<AuditLog.Verdict>read(
                  region, read -> new AuditLog(CLOCK).verify(read, List.of(new DeliveryStore()))))
          .as("the audit of " + region)
          .isInstanceOf(AuditLog.Verdict.Intact.class);
    }
    System.out.printf(
        "%d jobs over 3 regions; the last was done %d s after %s died; jobs taken over: %s; %.1f items written a job, those of the config included%n",
        JOBS,
        seconds,
        FIRST,
        takeovers.stream().map(Takeovers.Takeover::jobs).toList(),
        (double) written / first.size());
  }

  /**
   * Stops an appliance and holds what it knew of the others against the table. Those go on, and
   * hear of jobs from GitHub as late as it pleases: where they wrote meanwhile it is done again.
   */
  private void stopKnowingWhatTheTableHas(String region) throws Exception {
    for (int left = 5; ; left--) {
      await("all tables agree", 120, this::agree);
      Map<String, String> there = jobsOfOthers(region);
      awaitALook(region);
      awaitALook(region); // the first may have begun before
      stop(region);
      if (left == 0 || there.equals(jobsOfOthers(region))) {
        assertThat(mirrored(region)).as(region).isEqualTo(there);
        return;
      }
      startReady(region);
    }
  }

  /** Until it has looked into its table once more and found nothing new. */
  private void awaitALook(String region) {
    Instant now = CLOCK.instant();
    await(region + " has caught up", 60, () -> caughtUpAt(region).isAfter(now));
  }

  /** It begins with nothing, and takes back what the region had. */
  private void anotherApplianceIsRefusedUntilTheRegionIsGivenBack() throws Exception {
    start(RIVAL);
    await("the second is refused", 60, () -> readiness(RIVAL).contains(url(LAST).toString()));
    assertThat(readiness(LAST)).isEqualTo("ready\n");
    await(LAST + " told all", 60, () -> toldAll(LAST));
    stop(LAST);
    Map<JobId, String> had = ownJobs(LAST);
    await("the second has the region", 60, () -> readiness(RIVAL).equals("ready\n"));
    await("it has what the region had", 60, () -> jobsAtHome(RIVAL) == had.size());
    await(RIVAL + " told all", 60, () -> toldAll(RIVAL));
    stop(RIVAL);
    assertThat(ownJobs(RIVAL)).as("it took its jobs back from the table").isEqualTo(had);
  }

  /** How many jobs wait or run at home, as far as an appliance knows. */
  private long open(String region) {
    JsonNode jobs = told(region, "/api/v1/status").path("jobs");
    return jobs.path("queued").asLong(1)
        + jobs.path("assigned").asLong(1)
        + jobs.path("running").asLong(1);
  }

  /** How many jobs an appliance holds for its own; what others told last may change it. */
  private long jobsAtHome(String name) {
    for (JsonNode one : regions(name).path("regions")) {
      if (one.path("own").asBoolean()) {
        return one.path("jobs").asLong();
      }
    }
    return -1;
  }

  /** The jobs that are at home here, and how they ended: as GitHub has them, all have. */
  private Map<JobId, String> ownJobs(String name) {
    return read(
        name,
        read ->
            Stream.of(JobState.values())
                .flatMap(state -> JobStore.in(read, state, 1_000).stream())
                .collect(
                    Collectors.toMap(Job::id, job -> job.conclusion().orElse(job.state().word()))));
  }

  private void stop(String name) throws InterruptedException {
    process(name).destroy();
    process(name).waitFor();
  }

  private <T> T read(String region, java.util.function.Function<Read, T> query) {
    try (Database database = Database.open(home(region).data(), existing -> {})) {
      return database.read(query);
    }
  }

  private JsonNode regions(String region) {
    return told(region, "/api/v1/regions");
  }

  /** What its own page reads from. */
  private JsonNode told(String region, String path) {
    try {
      Optional<URI> admin = home(region).running().map(Running::adminUrl);
      if (admin.isEmpty()) {
        return MissingNode.getInstance(); // it starts
      }
      try (InputStream said = admin.get().resolve(path).toURL().openStream()) {
        return new ObjectMapper().readTree(said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean knowsOthers(String region) {
    JsonNode said = regions(region);
    int there = 0;
    for (JsonNode one : said.path("regions")) {
      there += one.path("beats").asBoolean() ? 1 : 0;
    }
    return there == REGIONS.size() && caughtUpAt(region).isAfter(Instant.EPOCH);
  }

  private boolean toldAll(String region) {
    return regions(region).at("/replications/0/waiting").asInt(1) == 0;
  }

  private Instant caughtUpAt(String region) {
    String at = regions(region).at("/replications/0/caught_up_at").asText("");
    return at.contains("T") ? Instant.parse(at) : Instant.EPOCH;
  }

  private Process process(String region) {
    Process process = appliances.get(region);
    if (process == null) {
      throw new IllegalStateException(region + " was never started");
    }
    return process;
  }

  private Map<String, String> mirrored(String region) {
    return read(
        region,
        read -> {
          Map<String, String> mirrored = new TreeMap<>();
          for (String other : REGIONS) {
            Mirror.ofWriter(read, "prod", other, JobStore.KIND, "", 10_000)
                .forEach(held ->
                    mirrored.put(other + " job#" + held.item().key().name(), held.item().body()));
          }
          return mirrored;
        });
  }

  private Map<String, String> jobsOfOthers(String region) {
    Map<String, String> others = local.bodies(region, TABLE);
    others.keySet().removeIf(key -> key.startsWith(region) || !key.contains(" job#"));
    return others;
  }

  /** Whether each region knows of the others what those have, by the tables' own word. */
  private boolean agree() {
    Map<String, Map<String, String>> tables = new TreeMap<>();
    for (String region : REGIONS) {
      tables.put(region, local.bodies(region, TABLE));
    }
    return copier.moving() == 0
        && tables.values().stream().distinct().count() == 1
        && local.bodies(FIRST, TABLE).keySet().stream().anyMatch(key -> key.contains("job#"));
  }
}
