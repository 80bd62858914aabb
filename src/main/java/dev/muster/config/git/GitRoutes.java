package dev.muster.config.git;

import dev.muster.kernel.access.Access;
import dev.muster.kernel.access.Principal;
import dev.muster.kernel.access.Role;
import dev.muster.kernel.http.ErrorBody;
import dev.muster.kernel.http.HttpProblem;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.eclipse.jgit.errors.UnpackException;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.ReceiveCommand;
import org.eclipse.jgit.transport.ReceivePack;
import org.eclipse.jgit.transport.RefAdvertiser.PacketLineOutRefAdvertiser;
import org.eclipse.jgit.transport.UnpackErrorHandler;
import org.eclipse.jgit.transport.UploadPack;

/**
 * The embedded repository over smart HTTP: {@code /git/config.git}. JGit speaks the protocol; this
 * carries its bytes. Reading needs any token, pushing one with the role push.
 */
public final class GitRoutes implements HttpService {
  private static final System.Logger log = System.getLogger(GitRoutes.class.getName());

  private static final HeaderName GIT_PROTOCOL = HeaderNames.create("Git-Protocol");
  private static final HeaderName WWW_AUTHENTICATE = HeaderNames.create("WWW-Authenticate");
  private static final String UPLOAD = "git-upload-pack";
  private static final String RECEIVE = "git-receive-pack";

  /** A config repository is text; a pack beyond this is a mistake. */
  private static final long LARGEST_PACK = 16L << 20;

  /** Read and dropped after a refusal, so that the client hears it instead of a broken pipe. */
  private static final long DRAINED = 512L << 20;

  private final EmbeddedRepository repository;
  private final Access access;
  private final PushCheck check;
  private final Consumer<Principal> pushed;

  /**
   * Serves a repository.
   *
   * @param pushed told after a push was taken, before its client is
   */
  public GitRoutes(
      EmbeddedRepository repository, Access access, PushCheck check, Consumer<Principal> pushed) {
    this.repository = repository;
    this.access = access;
    this.check = check;
    this.pushed = pushed;
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/info/refs", this::advertise)
        .post("/" + UPLOAD, this::upload)
        .post("/" + RECEIVE, this::receive);
  }

  private Principal enter(ServerRequest request, ServerResponse response, Role role) {
    try {
      return access.require(request.headers().first(HeaderNames.AUTHORIZATION).orElse(null), role);
    } catch (HttpProblem e) {
      if (e.body().status() == 401) {
        // Without it git does not ask its user, or its credential helper, for the token.
        response.header(WWW_AUTHENTICATE, "Basic realm=\"muster: the token is the password\"");
      }
      throw e;
    }
  }

  private void advertise(ServerRequest request, ServerResponse response) throws IOException {
    String service = request.query().first("service").orElse("");
    if (!service.equals(UPLOAD) && !service.equals(RECEIVE)) {
      throw new HttpProblem(
          new ErrorBody(
              403,
              "smart_http_only",
              "Only git's smart protocol is served",
              "Use git 1.6.6 or newer"));
    }
    boolean reading = service.equals(UPLOAD);
    enter(request, response, reading ? Role.READ : Role.PUSH);
    Repository served = served(); // before the answer begins, so that it can be a refusal
    begin(response, "application/x-" + service + "-advertisement");
    try (OutputStream out = response.outputStream()) {
      PacketLineOut lines = new PacketLineOut(out);
      PacketLineOutRefAdvertiser refs = new PacketLineOutRefAdvertiser(lines);
      if (reading) {
        if (!speaksVersion2(request)) {
          announce(lines, service);
        }
        uploadPack(served, request).sendAdvertisedRefs(refs);
      } else {
        announce(lines, service);
        receivePack(served).sendAdvertisedRefs(refs);
      }
    }
  }

  /** The second version of the protocol begins without the service's name. */
  private static boolean speaksVersion2(ServerRequest request) {
    return request
        .headers()
        .first(GIT_PROTOCOL)
        .map(p -> List.of(p.split(":")).contains("version=2"))
        .orElse(false);
  }

  private static void announce(PacketLineOut lines, String service) throws IOException {
    lines.writeString("# service=" + service + "\n");
    lines.end();
  }

  private void upload(ServerRequest request, ServerResponse response) throws IOException {
    enter(request, response, Role.READ);
    UploadPack pack = uploadPack(served(), request);
    begin(response, "application/x-" + UPLOAD + "-result");
    try (InputStream in = body(request);
        OutputStream out = response.outputStream()) {
      pack.upload(in, out, null);
    }
  }

  private void receive(ServerRequest request, ServerResponse response) throws IOException {
    Principal pusher = enter(request, response, Role.PUSH);
    ReceivePack pack = receivePack(served());
    pack.setPostReceiveHook((p, commands) -> {
      if (commands.stream().anyMatch(c -> c.getResult() == ReceiveCommand.Result.OK)) {
        pushed.accept(pusher);
      }
    });
    begin(response, "application/x-" + RECEIVE + "-result");
    try (InputStream in = body(request);
        OutputStream out = response.outputStream()) {
      DrainedBeforeAnswer pushed = new DrainedBeforeAnswer(in);
      sayWhenTooLarge(pack, pushed);
      pack.receive(pushed, new AnswerAfterDrain(in, out), null);
    } catch (UnpackException e) {
      // Too large or damaged: JGit has told the client, and it is no failure of ours.
      log.log(Level.INFO, "A push by " + pusher.name() + " could not be unpacked: " + e.getCause());
    }
  }

  /** JGit calls one that is too large truncated, when it stopped reading where nothing had come. */
  private static void sayWhenTooLarge(ReceivePack pack, DrainedBeforeAnswer body) {
    UnpackErrorHandler usual = pack.getUnpackErrorHandler();
    pack.setUnpackErrorHandler(failure -> {
      if (body.read > LARGEST_PACK) {
        pack.sendMessage(
            "The push is larger than %d MiB. A config repository is text: take what is large out of its commits."
                .formatted(LARGEST_PACK >> 20));
      }
      usual.handleUnpackException(failure);
    });
  }

  /** Keeps JGit from closing the request's body, which is still to be drained. */
  private static final class DrainedBeforeAnswer extends FilterInputStream {
    private long read;

    DrainedBeforeAnswer(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int single = super.read();
      read += single < 0 ? 0 : 1;
      return single;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int some = super.read(bytes, offset, length);
      read += Math.max(0, some);
      return some;
    }

    @Override
    public void close() {}
  }

  /**
   * Reads what is left of the request before the first byte of the answer: a client that is still
   * sending would take an early answer for a broken connection.
   */
  private static final class AnswerAfterDrain extends OutputStream {
    private final InputStream request;
    private final OutputStream answer;
    private boolean drained;

    AnswerAfterDrain(InputStream request, OutputStream answer) {
      this.request = request;
      this.answer = answer;
    }

    private void drain() throws IOException {
      if (drained) {
        return;
      }
      drained = true;
      byte[] scrap = new byte[1 << 16];
      long left = DRAINED;
      int read = request.read(scrap);
      while (read >= 0 && left > 0) {
        left -= read;
        read = request.read(scrap);
      }
    }

    @Override
    public void write(int b) throws IOException {
      drain();
      answer.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      drain();
      answer.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      answer.flush();
    }
  }

  private Repository served() {
    try {
      return repository.repository();
    } catch (IOException e) {
      log.log(Level.ERROR, "The embedded config repository cannot be opened", e);
      throw new HttpProblem(
          new ErrorBody(
              503,
              "config_repository_unavailable",
              "The embedded config repository cannot be opened",
              "See the appliance's log; the last good config stays in force"));
    }
  }

  private static UploadPack uploadPack(Repository served, ServerRequest request) {
    UploadPack pack = new UploadPack(served);
    pack.setBiDirectionalPipe(false);
    pack.setTimeout(30);
    Optional<String> protocol = request.headers().first(GIT_PROTOCOL);
    protocol.ifPresent(p -> pack.setExtraParameters(List.of(p.split(":"))));
    return pack;
  }

  private ReceivePack receivePack(Repository served) {
    ReceivePack pack = new ReceivePack(served);
    pack.setBiDirectionalPipe(false);
    pack.setTimeout(30);
    pack.setAtomic(true);
    pack.setMaxPackSizeLimit(LARGEST_PACK);
    pack.setMaxCommandBytes(64 << 10);
    pack.setAllowDeletes(true); // so that the gate says why not
    pack.setAllowNonFastForwards(true);
    pack.setPreReceiveHook(new PushGate(repository.branch(), check));
    return pack;
  }

  private static void begin(ServerResponse response, String type) {
    response.status(Status.OK_200);
    response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, type));
    response.header(HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-cache"));
  }

  private static InputStream body(ServerRequest request) throws IOException {
    InputStream in = request.content().inputStream();
    return request
            .headers()
            .first(HeaderNames.CONTENT_ENCODING)
            .filter(e -> e.equalsIgnoreCase("gzip"))
            .isPresent()
        ? new GZIPInputStream(in)
        : in;
  }
}
