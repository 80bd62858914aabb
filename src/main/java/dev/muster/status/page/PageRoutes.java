package dev.muster.status.page;

import dev.muster.fleet.job.JobId;
import dev.muster.kernel.access.Access;
import dev.muster.kernel.http.BodyReader;
import dev.muster.kernel.http.ErrorBody;
import dev.muster.kernel.http.HttpProblem;
import dev.muster.status.api.AuditList;
import dev.muster.status.api.Readers;
import dev.muster.status.api.Slice;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The web status page; registered last, as it also answers people at addresses that are none. */
public final class PageRoutes implements HttpService {
  private static final int ROWS = 100;
  private static final int FEW_ROWS = 15;

  private static final Header FOR_EVER =
      HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "public, max-age=31536000, immutable");

  private final Readers readers;
  private final Supplier<Optional<URI>> pushUrl;
  private final PageFrames frames;

  /**
   * @param pushUrl where a config is pushed to; empty where it comes from elsewhere
   */
  public PageRoutes(Readers readers, Supplier<Optional<URI>> pushUrl) {
    this.readers = readers;
    this.pushUrl = pushUrl;
    this.frames = new PageFrames(readers);
  }

  /** The pages on which a GitHub App is created. */
  public AppRoutes appRoutes(
      AppCreation creation, Access access, BodyReader bodies, InstantSource clock) {
    return new AppRoutes(creation, frames, access, bodies, clock);
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/", this::overview)
        .get("/jobs", this::jobs)
        .get("/jobs/{id}", this::job)
        .get("/pools/{name}", this::pool)
        .get("/runners", this::runners)
        .get("/runners/{id}", this::runner)
        .get("/cost", this::cost)
        .get("/regions", this::regions)
        .get("/queue", this::queue)
        .get("/config", this::config)
        .get("/audit", this::audit)
        .get("/assets/{file}", this::asset)
        .get("/*", this::unknown);
  }

  private void overview(ServerRequest request, ServerResponse response) {
    Overview page =
        Overview.of(
            readers.status().read(),
            readers.pools().days(),
            readers.jobs().list(Optional.empty(), Optional.empty(), Slice.newest(FEW_ROWS)).jobs(),
            readers.environments().list(Optional.empty()),
            pushUrl.get().orElse(null));
    send(request, response, "Overview", "overview", page);
  }

  private void jobs(ServerRequest request, ServerResponse response) {
    Optional<String> state = parameter(request, "state");
    Slice slice = new Slice(ROWS, parameter(request, "before"));
    JobsPage page = JobsPage.of(state, readers.jobs().list(state, Optional.empty(), slice));
    send(request, response, "Jobs", "jobs", page);
  }

  private void job(ServerRequest request, ServerResponse response) {
    String text = path(request, "id");
    Optional<JobPage> page =
        Optional.of(text)
            .filter(t -> t.matches("[1-9][0-9]{0,17}"))
            .flatMap(t -> readers.jobs().find(new JobId(Long.parseLong(t))))
            .map(JobPage::of);
    send(request, response, new Missing("job", text), "job", page);
  }

  private void pool(ServerRequest request, ServerResponse response) {
    String name = path(request, "name");
    Optional<PoolPage> page =
        readers
            .pools()
            .find(name)
            .map(detail ->
                PoolPage.of(
                    detail,
                    readers.runners().living(name),
                    readers
                        .jobs()
                        .list(Optional.empty(), Optional.of(name), Slice.newest(FEW_ROWS))
                        .jobs()));
    send(request, response, new Missing("pool", name), "pool", page);
  }

  private void runners(ServerRequest request, ServerResponse response) {
    RunnersPage page =
        RunnersPage.of(
            readers.runners().living(1_000),
            readers
                .runners()
                .list(Optional.of("terminated"), Optional.empty(), Slice.newest(FEW_ROWS))
                .runners());
    send(request, response, "Runners", "runners", page);
  }

  private void runner(ServerRequest request, ServerResponse response) {
    String id = path(request, "id");
    Optional<RunnerPage> page = readers.runners().find(id).map(RunnerPage::of);
    send(request, response, new Missing("runner", id), "runner", page);
  }

  private void cost(ServerRequest request, ServerResponse response) {
    CostPage page =
        CostPage.of(
            readers.costs().read(parameter(request, "from"), parameter(request, "to")),
            readers.environments().list(Optional.empty()));
    send(request, response, "Cost", "cost", page);
  }

  private void regions(ServerRequest request, ServerResponse response) {
    RegionsPage page = RegionsPage.of(readers.regions().read());
    send(request, response, "Regions", "regions", page);
  }

  private void queue(ServerRequest request, ServerResponse response) {
    LogPage page =
        new LogPage.Queue(
            readers.logs().queue(ROWS).items(),
            readers.logs().deliveries(Slice.newest(30)).deliveries());
    send(request, response, "Queue", "queue", page);
  }

  private void config(ServerRequest request, ServerResponse response) {
    ConfigPage page = new ConfigPage(readers.logs().config(), pushUrl.get().orElse(null));
    send(request, response, "Config", "config", page);
  }

  private void audit(ServerRequest request, ServerResponse response) {
    AuditList list = readers.logs().audit(0, new Slice(ROWS, parameter(request, "before")));
    String cursor = list.next();
    List<AuditList.EntryView> entries = list.audit();
    LogPage page = new LogPage.Audit(entries, cursor == null ? null : "/audit?before=" + cursor);
    send(request, response, "Audit", "audit", page);
  }

  private void asset(ServerRequest request, ServerResponse response) {
    String file = path(request, "file");
    Assets.Asset asset =
        Assets.at(file)
            .orElseThrow(() ->
                new HttpProblem(new ErrorBody(404, "unknown_file", "There is no file " + file)));
    response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, asset.type()));
    response.header(HtmlRoutes.NOT_SNIFFED);
    response.header(FOR_EVER);
    response.send(asset.content());
  }

  /** For a person who mistyped an address; programs are answered as every listener does. */
  private void unknown(ServerRequest request, ServerResponse response) {
    String path = request.path().path();
    boolean person =
        request.headers().first(HeaderNames.ACCEPT).orElse("").contains("text/html")
            && !path.startsWith("/api/");
    if (person) {
      response.status(Status.NOT_FOUND_404);
      send(request, response, "No such page", "nothing", new Nothing(path));
    } else {
      response.next();
    }
  }

  /** An address that is none. */
  private record Nothing(String path) {}

  /** What was looked for; the title of its page where there is one. */
  private record Missing(String what, String id) {
    Missing {
      id = id.length() <= 100 ? id : id.substring(0, 100) + "…";
    }

    String title() {
      return what + " " + id;
    }
  }

  private void send(
      ServerRequest request,
      ServerResponse response,
      Missing wanted,
      String template,
      Optional<?> page) {
    if (page.isPresent()) {
      send(request, response, wanted.title(), template, page.get());
    } else {
      response.status(Status.NOT_FOUND_404);
      send(request, response, "No " + wanted.title(), "missing", wanted);
    }
  }

  private void send(
      ServerRequest request, ServerResponse response, String title, String template, Object page) {
    HtmlRoutes.send(response, frames.page(title, request.path().path(), template, page));
  }

  private static Optional<String> parameter(ServerRequest request, String name) {
    return request.query().first(name).asOptional().filter(text -> !text.isEmpty());
  }

  private static String path(ServerRequest request, String name) {
    return request.path().pathParameters().get(name);
  }
}
