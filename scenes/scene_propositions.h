// The question graph of a caption, after DPG-Bench (the ELLA paper,
// arXiv:2403.05135) and its CSV.
#pragma once

#include <string>
#include <vector>

#include "scenes/scene_facts.h"
#include "scenes/scene_question.h"

namespace ella {

struct Proposition {
  int id = 1;
  std::vector<int> parents;  // ids; a "no" to one makes this a "no" too
  std::string broad;         // "entity"
  std::string detailed;      // "whole"
  std::string subject;       // "circle": what the tuple has in brackets
  SceneQuestion question;
};

// In an order in which parents come first. A relation is asked as the facts
// have it, whichever side the caption tells it from.
std::vector<Proposition> Propositions(const SceneFacts& facts);

// The columns of dpg_bench.csv, and a row for each proposition of an item, all
// with line ends.
std::string PropositionsCsvHeader();
std::string PropositionsCsv(const std::string& item_id, const std::string& text,
                            const SceneFacts& facts);

}  // namespace ella
