package dev.muster.agent.common;

import dev.muster.agent.protocol.AgentApi;
import dev.muster.agent.protocol.AgentCodec;
import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.LogChunk;
import dev.muster.agent.protocol.MalformedMessage;
import dev.muster.agent.protocol.Message;
import dev.muster.agent.protocol.Report;
import dev.muster.agent.protocol.ReportReply;
import dev.muster.agent.protocol.Secret;
import dev.muster.agent.protocol.SessionGrant;
import dev.muster.agent.protocol.SessionRequest;
import dev.muster.agent.protocol.WireError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@link ApplianceLink} over {@link HttpURLConnection}, which keeps the agent at about 39 MB
 * resident where {@code java.net.http} takes 63. Redirects are not followed: they would carry the
 * credential to somewhere else.
 */
final class HttpApplianceLink implements ApplianceLink {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final String base;
  private final AgentCodec codec;

  HttpApplianceLink(URI url, AgentCodec codec) {
    this.base = url.toString().replaceAll("/+$", "");
    this.codec = codec;
  }

  @Override
  public SessionGrant enroll(EnrollRequest request) {
    return answer(SessionGrant.class, post(AgentApi.ENROLL, null, request));
  }

  @Override
  public SessionGrant rotate(Secret session, SessionRequest request) {
    return answer(SessionGrant.class, post(AgentApi.SESSION, session, request));
  }

  @Override
  public Optional<Instruction> poll(Secret session, Duration wait) {
    String path = "%s?%s=%d".formatted(AgentApi.POLL, AgentApi.WAIT, wait.toSeconds());
    Answer answer = exchange("GET", path, session, null, wait.plus(ANSWER));
    return answer.status() == HttpURLConnection.HTTP_NO_CONTENT
        ? Optional.empty()
        : Optional.of(answer(Instruction.class, answer));
  }

  @Override
  public ReportReply report(Secret bearer, Report report) {
    return answer(ReportReply.class, post(AgentApi.REPORT, bearer, report));
  }

  @Override
  public void log(Secret bearer, LogChunk chunk) {
    Answer answer = post(AgentApi.LOG, bearer, chunk);
    if (answer.status() != HttpURLConnection.HTTP_NO_CONTENT) {
      throw failure(answer);
    }
  }

  private Answer post(String path, @Nullable Secret bearer, Message message) {
    return exchange("POST", path, bearer, message, ANSWER);
  }

  private Answer exchange(
      String method,
      String path,
      @Nullable Secret bearer,
      @Nullable Message message,
      Duration readTimeout) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create(base + path).toURL().openConnection();
      connection.setRequestMethod(method);
      connection.setConnectTimeout((int) CONNECT.toMillis());
      connection.setReadTimeout((int) readTimeout.toMillis());
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setRequestProperty("Accept", "application/json");
      if (bearer != null) {
        connection.setRequestProperty("Authorization", "Bearer " + bearer.value());
      }
      if (message != null) {
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        try (OutputStream out = connection.getOutputStream()) {
          out.write(codec.encode(message));
        }
      }
      return read(path, connection);
    } catch (IOException e) {
      throw new LinkDown("%s %s%s: %s".formatted(method, base, path, e), e);
    }
  }

  private static Answer read(String path, HttpURLConnection connection) throws IOException {
    int status = connection.getResponseCode();
    InputStream stream = status < 400 ? connection.getInputStream() : connection.getErrorStream();
    if (stream == null) {
      return new Answer(path, status, new byte[0]);
    }
    try (stream) {
      return new Answer(path, status, stream.readNBytes(AgentApi.MAX_BODY + 1));
    }
  }

  private <T extends Message> T answer(Class<T> type, Answer answer) {
    if (answer.status() != HttpURLConnection.HTTP_OK) {
      throw failure(answer);
    }
    try {
      return codec.decode(type, answer.body());
    } catch (MalformedMessage e) {
      // Something between us and the appliance may have answered in its place: not final.
      throw new LinkDown("answer to %s%s: %s".formatted(base, answer.path(), e.getMessage()), e);
    }
  }

  private RuntimeException failure(Answer answer) {
    String message =
        "%s%s answered %d: %s"
            .formatted(base, answer.path(), answer.status(), explanation(answer.body()));
    boolean final4xx =
        switch (answer.status()) {
          case 400, 401, 403, 409, 413, 415 -> true;
          default -> false;
        };
    return final4xx ? new Refused(answer.status(), message) : new LinkDown(message);
  }

  private String explanation(byte[] body) {
    try {
      WireError error = codec.decode(WireError.class, body);
      return error.hint() == null ? error.message() : error.message() + "; " + error.hint();
    } catch (MalformedMessage e) {
      return "no explanation";
    }
  }

  private record Answer(String path, int status, byte[] body) {}
}
