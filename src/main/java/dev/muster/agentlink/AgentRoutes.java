package dev.muster.agentlink;

import dev.muster.agent.protocol.AgentApi;
import dev.muster.agent.protocol.AgentCodec;
import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.LogChunk;
import dev.muster.agent.protocol.MalformedMessage;
import dev.muster.agent.protocol.Message;
import dev.muster.agent.protocol.Report;
import dev.muster.agent.protocol.SessionGrant;
import dev.muster.agent.protocol.SessionRequest;
import dev.muster.kernel.http.BodyReader;
import dev.muster.kernel.http.BoundedWarnings;
import dev.muster.kernel.http.ErrorBody;
import dev.muster.kernel.http.HttpProblem;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** {@code /agent/v1/*}: enrol, renew, poll, report, log. */
public final class AgentRoutes implements HttpService {
  private static final Duration LONGEST_POLL = Duration.ofSeconds(50);
  private static final String BEARER = "Bearer ";

  private final AgentDesk desk;
  private final BodyReader bodies;
  private final BoundedWarnings refusals;
  private final AgentCodec codec = new AgentCodec();

  public AgentRoutes(AgentDesk desk, BodyReader bodies, InstantSource clock) {
    this.desk = desk;
    this.bodies = bodies;
    this.refusals = new BoundedWarnings(System.getLogger(AgentRoutes.class.getName()), clock);
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .post(AgentApi.ENROLL, this::enroll)
        .post(AgentApi.SESSION, this::renew)
        .get(AgentApi.POLL, this::poll)
        .post(AgentApi.REPORT, this::report)
        .post(AgentApi.LOG, this::log);
  }

  private void enroll(ServerRequest request, ServerResponse response) {
    EnrollRequest wish = read(request, EnrollRequest.class);
    switch (desk.enroll(wish)) {
      case AgentDesk.Enrolment.Granted(SessionGrant grant) -> send(response, grant);
      case AgentDesk.Enrolment.NotYet() ->
          throw new HttpProblem(
              new ErrorBody(503, "not_yet", "The launch is not settled yet", "Ask again"), 1);
      case AgentDesk.Enrolment.Refused(String reason) -> {
        refusals.warn("An enrolment was refused: " + reason);
        throw refused();
      }
    }
  }

  private void renew(ServerRequest request, ServerResponse response) {
    AgentSession session = session(request, AgentSession.Scope.FULL);
    SessionRequest wish = read(request, SessionRequest.class);
    send(response, desk.renew(session, wish).orElseThrow(AgentRoutes::refused));
  }

  private void poll(ServerRequest request, ServerResponse response) throws InterruptedException {
    AgentSession session = session(request, AgentSession.Scope.FULL);
    Optional<Instruction> instruction = desk.poll(session, patience(request));
    if (instruction.isPresent()) {
      send(response, instruction.get());
    } else {
      response.status(Status.NO_CONTENT_204).send();
    }
  }

  private static Duration patience(ServerRequest request) {
    try {
      long seconds = Long.parseLong(request.query().first(AgentApi.WAIT).orElse("30"));
      Duration asked = Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST_POLL.toSeconds()));
      return asked;
    } catch (NumberFormatException e) {
      throw new HttpProblem(new ErrorBody(400, "malformed", "wait is a number of seconds"));
    }
  }

  private void report(ServerRequest request, ServerResponse response) {
    AgentSession session = session(request, AgentSession.Scope.REPORT);
    send(response, desk.report(session, read(request, Report.class)));
  }

  private void log(ServerRequest request, ServerResponse response) {
    AgentSession session = session(request, AgentSession.Scope.REPORT);
    desk.log(session, read(request, LogChunk.class));
    response.status(Status.NO_CONTENT_204).send();
  }

  private AgentSession session(ServerRequest request, AgentSession.Scope needed) {
    AgentSession session =
        request
            .headers()
            .first(HeaderNames.AUTHORIZATION)
            .filter(value -> value.startsWith(BEARER) && value.length() <= 600)
            .flatMap(value -> desk.session(value.substring(BEARER.length())))
            .orElseThrow(AgentRoutes::refused);
    if (needed == AgentSession.Scope.FULL && session.scope() != AgentSession.Scope.FULL) {
      throw new HttpProblem(
          new ErrorBody(403, "reporting_only", "This credential only allows reporting"));
    }
    return session;
  }

  private <T extends Message> T read(ServerRequest request, Class<T> type) {
    try (BodyReader.Body body = bodies.read(request, AgentApi.MAX_BODY)) {
      return codec.decode(type, body.bytes());
    } catch (MalformedMessage e) {
      throw new HttpProblem(new ErrorBody(400, "malformed", String.valueOf(e.getMessage())));
    }
  }

  private void send(ServerResponse response, Message message) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.header(HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-store"));
    response.send(codec.encode(message));
  }

  private static HttpProblem refused() {
    return new HttpProblem(
        new ErrorBody(
            401,
            "refused",
            "The credential is unknown, used up, expired or meant for another machine",
            "The appliance's log says which"));
  }
}
