-- Opens a file, reads what Neovim shows of it, types a mistake, takes its fix: one line of JSON on standard output.
-- nvim --headless --clean --cmd "set noswapfile" -S SETTINGS.lua -S neovim.lua FILE
local path, old, new = unpack(vim.fn.json_decode(vim.env.CNNCALC_EDIT))
local wait = 60000
local said = {}

local function until_(what, holds)
  if not vim.wait(wait, holds, 20) then
    io.stdout:write(vim.json.encode({ failed = what, said = said }) .. "\n")
    vim.cmd("cquit")
  end
end
local function hints()
  local found = {}
  for _, one in ipairs(vim.lsp.inlay_hint.get({ bufnr = 0 })) do
    found[#found + 1] = { one.inlay_hint.position.line, vim.trim(one.inlay_hint.label) }
  end
  return found
end
local function problems()
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do found[#found + 1] = { one.lnum, one.code, one.message } end
  return found
end
local function ask(method, more)
  local params = vim.tbl_extend("force", vim.lsp.util.make_position_params(0, "utf-16"), more or {})
  local found = vim.lsp.buf_request_sync(0, "textDocument/" .. method, params, wait) or {}
  for _, one in pairs(found) do return one.result end
end

vim.cmd.edit(path)
until_("a client", function() return #vim.lsp.get_clients({ bufnr = 0, name = "cnncalc" }) > 0 end)
until_("hints", function() return #hints() > 0 end)
said.hints = hints()
local line = vim.fn.search("\\V" .. old, "cw")
said.hover = ask("hover").contents.value
vim.fn.setline(line, (vim.fn.getline(line):gsub(vim.pesc(old), function() return new end)))
until_("a mistake", function() return #problems() > 0 end)
said.problems = problems()
vim.fn.search("\\V" .. new, "cw")
vim.lsp.buf.code_action({ apply = true, filter = function(one) return one.title:find("write") ~= nil end })
until_("a fix", function() return #problems() == 0 end)
said.fixed = table.concat(vim.fn.getline(1, "$"), "\n") .. "\n"
until_("the hints again", function() return vim.deep_equal(hints(), said.hints) end)
io.stdout:write(vim.json.encode(said) .. "\n")
vim.cmd("qa!")
