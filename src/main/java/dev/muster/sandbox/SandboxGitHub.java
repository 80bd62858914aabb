package dev.muster.sandbox;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A stand-in GitHub on this machine. Every answer and every webhook carries {@code
 * X-Muster-Sandbox: true}. An appliance is configured against it with {@code github.api_url}, the
 * App's id, its key and its webhook secret.
 */
public final class SandboxGitHub implements AutoCloseable {
  private static final System.Logger log = System.getLogger(SandboxGitHub.class.getName());

  private final SandboxApp app;
  private final SandboxModel model;
  private final SandboxChecks checks;
  private final SandboxHooks hooks;
  private final SandboxJson json;
  private final SandboxRoutes routes;
  private final SandboxManifestRoutes manifests;
  private final WebServer server;

  private SandboxGitHub(
      SandboxApp app,
      SandboxModel model,
      SandboxChecks checks,
      SandboxHooks hooks,
      SandboxJson json,
      SandboxRoutes routes,
      SandboxManifestRoutes manifests,
      SandboxSettings settings) {
    this.app = app;
    this.model = model;
    this.checks = checks;
    this.hooks = hooks;
    this.json = json;
    this.routes = routes;
    this.manifests = manifests;
    this.server =
        WebServer.builder()
            .host("127.0.0.1")
            .port(settings.port())
            .shutdownHook(false)
            .routing(this::routing)
            .build();
  }

  /** Starts one; it listens when this returns. */
  public static SandboxGitHub start(SandboxSettings settings, SandboxApp app, InstantSource clock) {
    SandboxAccess access = new SandboxAccess(app, settings, clock);
    SandboxJson json = new SandboxJson(settings, access);
    SandboxHooks hooks = new SandboxHooks(app, json, clock, settings.webhookTimeout());
    SandboxModel model = new SandboxModel(settings, clock, hooks);
    SandboxChecks checks = new SandboxChecks(settings, model);
    SandboxRoutes routes = new SandboxRoutes(app, model, checks, access, hooks, json);
    SandboxGitHub sandbox =
        new SandboxGitHub(
            app,
            model,
            checks,
            hooks,
            json,
            routes,
            new SandboxManifestRoutes(app, hooks, json),
            settings);
    hooks.start();
    sandbox.server.start();
    log.log(Level.INFO, "Muster sandbox: a stand-in GitHub listens at " + sandbox.url());
    return sandbox;
  }

  /** As in {@code http://127.0.0.1:4711}; what {@code github.api_url} is set to. */
  public URI url() {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  public SandboxApp app() {
    return app;
  }

  /** The App's key as GitHub hands it out, PKCS#1. */
  public String privateKeyPem() {
    return app.privateKeyPem();
  }

  /** Where webhooks go from now on. Until it is set they fail, and are listed as failed. */
  public void sendWebhooksTo(URI url) {
    hooks.target(url);
  }

  /** What goes wrong with webhooks from now on. */
  public void faults(Function<HookEvent, DeliveryFault> faults) {
    hooks.faults(faults);
  }

  /** Queues a job in a run of its own. */
  public SandboxJob queueJob(String repository, List<String> labels, List<String> shellSteps) {
    return queueRun(repository, List.of(new JobRequest("job", labels, shellSteps))).getFirst();
  }

  /** Queues the jobs of one run. */
  public List<SandboxJob> queueRun(String repository, List<JobRequest> jobs) {
    return model.queue(repository, jobs);
  }

  /**
   * Queues the jobs of a pull request's run.
   *
   * @param fork the repository that the pull request comes from; empty when it was deleted since
   */
  public List<SandboxJob> queueForkRun(
      String repository, Optional<String> fork, List<JobRequest> jobs) {
    return model.queue(repository, fork, jobs);
  }

  /** Pushes a workflow that can be dispatched, by its file's name in {@code .github/workflows}. */
  public void addWorkflow(String repository, String file, SandboxWorkflow workflow) {
    model.addWorkflow(repository, file, workflow);
  }

  /** Cancels a job, as a person would on GitHub's page. */
  public void cancelJob(long id) {
    model.cancel(id);
  }

  /** Tells the App that a branch moved. */
  public void push(String repository, String branch, String head) {
    hooks.accept(new HookEvent.Pushed(repository, branch, head));
  }

  /**
   * Adds a runner group to an organisation.
   *
   * @param repositories that may use it, as {@code owner/name}; empty for all
   * @return GitHub's number of it
   */
  public long addRunnerGroup(String organization, String name, Set<String> repositories) {
    return model.addGroup(organization, name, repositories).id();
  }

  /** The job as it is, without the lag that the API has. */
  public Optional<SandboxJob> job(long id) {
    return model.jobNow(id);
  }

  /** The jobs of a run as they are, of all its attempts, the oldest first. */
  public List<SandboxJob> jobsOf(long run) {
    return model.jobsNow(run);
  }

  /** Every check run on every commit, the oldest first. */
  public List<SandboxCheck> checks() {
    return checks.all();
  }

  /** All registrations as they are, without the lag that the API has. */
  public List<SandboxRegistration> runners() {
    return model.runnersNow();
  }

  /** Every webhook that was sent or failed, newest first. */
  public List<SandboxDelivery> deliveries() {
    return hooks.before(Optional.empty(), Integer.MAX_VALUE);
  }

  /** Waits until this many webhooks have been sent or have failed since the start. */
  public void awaitDeliveries(int count) throws InterruptedException {
    hooks.await(count, Duration.ofSeconds(20));
  }

  /**
   * Registers a runner as anyone else might, who uses the same labels.
   *
   * @param scope {@code repos/acme/api} or {@code orgs/acme}
   * @return the just-in-time configuration, for a {@link SandboxRunner}
   */
  public String registerRunner(String scope, String name, List<String> labels) {
    return json.jitConfig(
        url().toString(), model.register(scope, name, SandboxModel.DEFAULT_GROUP, labels));
  }

  /** The next REST call, whatever it is, is answered like this. */
  public void refuseNext(int status, String message, Map<String, String> headers) {
    routes.refuseNext(new Refusal(status, message, headers));
  }

  /** A code as GitHub hands it out at the end of creating an App from a manifest; good once. */
  public String newManifestCode() {
    return manifests.newCode();
  }

  /** Lets pass what time brings, where nobody asks anything. */
  public void settle() {
    model.settle();
  }

  @Override
  public void close() {
    model.close();
    hooks.close();
    server.stop();
  }

  private void routing(HttpRouting.Builder routing) {
    routing
        .addFilter((chain, request, response) -> {
          response.header(HeaderValues.create("X-Muster-Sandbox", "true"));
          chain.proceed();
        })
        .error(Refusal.class, (request, response, refusal) -> refuse(response, refusal))
        .register("/", routes)
        .register("/", manifests)
        .register("/sandbox/runners", new SandboxRunnerRoutes(model));
  }

  /** Sends a refusal in GitHub's shape. */
  private static void refuse(ServerResponse response, Refusal refusal) {
    refusal
        .headers()
        .forEach((name, value) -> SandboxRoutes.header(response, HeaderNames.create(name), value));
    response.status(Status.create(refusal.status()));
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(
        new ObjectMapper()
            .createObjectNode()
            .put("message", refusal.getMessage())
            .put("status", Integer.toString(refusal.status()))
            .toString());
  }
}
