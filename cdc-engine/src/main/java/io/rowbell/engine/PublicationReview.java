package io.rowbell.engine;

import io.rowbell.engine.config.ConfigException;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.language.Compilation;
import io.rowbell.language.RuleCompiler;
import io.rowbell.model.Requirements;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.PublicationPlan;
import io.rowbell.spi.Publishing;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline's database sends, against the least that it could send.
 *
 * @param plan the least, and the way there; after {@code outcome}
 * @param outcome what was carried out; null if nothing was to be
 */
public record PublicationReview(PublicationPlan plan, Publishing.@Nullable Outcome outcome) {
  /**
   * Looks at a pipeline: also beside an engine that runs, whose journal is only read.
   *
   * @param keysStay whether the application is known never to change a primary key
   * @param apply whether to carry the plan out
   * @throws EngineException if the configuration, the rules or the database cannot be used
   */
  public static PublicationReview of(EngineConfig config, boolean keysStay, boolean apply)
      throws InterruptedException {
    try (Source source = config.source().open(config.context())) {
      Publishing publishing =
          source
              .publishing()
              .orElseThrow(
                  () ->
                      new EngineException(
                          ExitCode.CONFIGURATION, "this source has no publication", null));
      Requirements requirements = requirements(config, source);
      Resume resume = config.journal().peek(config.context()).orElse(Resume.NEW);
      PublicationPlan plan = publishing.plan(requirements, resume, keysStay);
      if (!apply || plan.statements().isEmpty()) {
        return new PublicationReview(plan, null);
      }
      Publishing.Outcome outcome = publishing.apply(plan, requirements, resume);
      return new PublicationReview(publishing.plan(requirements, resume, keysStay), outcome);
    } catch (SourceException e) {
      throw Failures.of(e);
    } catch (JournalException e) {
      throw Failures.of(e);
    } catch (ConfigException e) {
      throw Failures.of(e);
    }
  }

  private static Requirements requirements(EngineConfig config, Source source)
      throws SourceException {
    Compilation compilation =
        new RuleCompiler(RuleBook.files(config), source.database(), RuleBook.hash(config))
            .compile(source.catalog());
    return compilation
        .rules()
        .orElseThrow(
            () ->
                new EngineException(
                    ExitCode.CONFIGURATION,
                    "the rules cannot be used:\n" + compilation.render(),
                    null))
        .requirements();
  }
}
