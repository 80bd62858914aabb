package dev.muster.status.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.fleet.github.AppManifest;
import dev.muster.kernel.access.Access;
import dev.muster.kernel.access.Principal;
import dev.muster.kernel.access.Role;
import dev.muster.kernel.http.BodyReader;
import dev.muster.kernel.http.HttpProblem;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code /github/app}: a form, the manifest that goes to GitHub with it, and the page that GitHub
 * sends the browser back to. Beginning needs an admin token, in the form itself; coming back needs
 * the state that was begun with.
 */
public final class AppRoutes implements HttpService {
  private static final Logger log = System.getLogger(AppRoutes.class.getName());
  private static final int FORM_BYTES = 16 * 1024;
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9 _.-]{0,33}";
  private static final String ORGANIZATION = "[A-Za-z0-9][A-Za-z0-9-]{0,38}";

  private final AppCreation creation;
  private final PendingApps pending;
  private final PageFrames frames;
  private final Access access;
  private final BodyReader bodies;
  private final ObjectMapper json = new ObjectMapper();

  AppRoutes(
      AppCreation creation,
      PageFrames frames,
      Access access,
      BodyReader bodies,
      InstantSource clock) {
    this.creation = creation;
    this.pending = new PendingApps(clock);
    this.frames = frames;
    this.access = access;
    this.bodies = bodies;
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/github/app", (request, response) -> form(response, Map.of(), null))
        .post("/github/app", this::begin)
        .get("/github/app/created", this::created);
  }

  private void form(ServerResponse response, Map<String, String> sent, @Nullable String problem) {
    URI publicUrl = creation.publicUrl();
    URI site = creation.creationPage(Optional.empty(), "");
    String host = String.valueOf(publicUrl.getHost());
    boolean local = host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    boolean sandbox = String.valueOf(site.getHost()).startsWith("127.");
    AppPage page =
        new AppPage.Form(
            site.resolve("/"),
            publicUrl,
            local && !sandbox,
            creation.replaces(),
            sent.getOrDefault("name", ""),
            sent.getOrDefault("organization", ""),
            problem);
    HtmlRoutes.send(response, frames.page("GitHub App", "/github/app", "app-form", page));
  }

  private void begin(ServerRequest request, ServerResponse response) {
    Map<String, String> sent = read(request);
    String name = sent.getOrDefault("name", "");
    Optional<String> organization =
        Optional.ofNullable(sent.get("organization")).filter(text -> !text.isBlank());
    if (!name.matches(NAME)) {
      response.status(Status.BAD_REQUEST_400);
      form(response, sent, "A name has at most 34 letters, digits, spaces, '-', '_' and '.'.");
      return;
    }
    if (organization.isPresent() && !organization.get().matches(ORGANIZATION)) {
      response.status(Status.BAD_REQUEST_400);
      form(response, sent, "'" + organization.get() + "' is not the name of an organization.");
      return;
    }
    Principal who;
    try {
      who = access.require("Bearer " + sent.getOrDefault("token", ""), Role.ADMIN);
    } catch (HttpProblem e) {
      response.status(Status.create(e.body().status()));
      form(response, sent, e.body().message() + ".");
      return;
    }
    confirm(request, response, name, organization, pending.begin(who));
  }

  private void confirm(
      ServerRequest request,
      ServerResponse response,
      String name,
      Optional<String> organization,
      String state) {
    URI action = creation.creationPage(organization, state);
    String manifest = creation.manifest(name, returnTo(request));
    AppPage page =
        new AppPage.Confirm(
            action, manifest, organization.orElse("your own account"), pretty(manifest));
    HtmlRoutes.sendWithFormTo(
        response, action, frames.page("GitHub App", "/github/app", "app-confirm", page));
  }

  private void created(ServerRequest request, ServerResponse response) {
    String code = request.query().first("code").orElse("");
    Optional<Principal> who = pending.finish(request.query().first("state").orElse(""));
    if (who.isEmpty() || code.isEmpty()) {
      failed(
          response,
          Status.BAD_REQUEST_400,
          "This address was not asked for here, came back before, or is older than an hour.");
      return;
    }
    try {
      AppManifest.Credentials made = creation.finish(code, who.get());
      AppPage page =
          new AppPage.Created(
              made.id(),
              made.slug(),
              creation.yaml(made),
              made.page().toString().startsWith("http") ? made.page() + "/installations/new" : "");
      HtmlRoutes.send(response, frames.page("GitHub App", "/github/app", "app-created", page));
    } catch (StalledException | TransientException e) {
      failed(response, Status.BAD_GATEWAY_502, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      log.log(Level.ERROR, "Keeping the new App's credentials failed", e);
      failed(
          response,
          Status.INTERNAL_SERVER_ERROR_500,
          "The App was made, but its credentials cannot be kept in secrets.yml: " + e.getMessage());
    }
  }

  private void failed(ServerResponse response, Status status, String message) {
    response.status(status);
    HtmlRoutes.send(
        response,
        frames.page("GitHub App", "/github/app", "app-failed", new AppPage.Failed(message)));
  }

  /** As this browser reached us; on loopback the Host header was checked. */
  private static URI returnTo(ServerRequest request) {
    String host = request.headers().first(HeaderNames.HOST).orElse("127.0.0.1");
    String scheme = request.isSecure() ? "https" : "http";
    return URI.create(scheme + "://" + host + "/github/app/created");
  }

  private Map<String, String> read(ServerRequest request) {
    try (BodyReader.Body body = bodies.read(request, FORM_BYTES)) {
      Map<String, String> fields = new HashMap<>();
      for (String pair : new String(body.bytes(), StandardCharsets.UTF_8).split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          fields.put(
              decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)).strip());
        }
      }
      return fields;
    }
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private String pretty(String manifest) {
    try {
      return json.readTree(manifest).toPrettyString();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The manifest is JSON", e);
    }
  }
}
