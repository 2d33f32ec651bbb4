"""A language model with a hidden state that is made by hand."""

import torch
import torch.nn as nn


class LSTMTagger(nn.Module):
    def __init__(self, input_size=8, hidden_size=32, num_layers=2, num_classes=4):
        super(LSTMTagger, self).__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        device = x.device
        h0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size).to(device)
        c0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size).to(device)
        out, _ = self.lstm(x, (h0.detach(), c0.detach()))
        out = self.fc(out[:, -1, :])
        return out


class CharRNN(nn.Module):
    def __init__(self, tokens=80, n_hidden=64, n_layers=2, drop_prob=0.5):
        super().__init__()
        self.n_hidden, self.n_layers = n_hidden, n_layers
        self.embed = nn.Embedding(tokens, n_hidden)
        self.rnn = nn.GRU(n_hidden, n_hidden, n_layers, dropout=drop_prob, batch_first=True)
        self.decoder = nn.Linear(n_hidden, tokens)
        if n_hidden == n_hidden:
            self.decoder.weight = self.embed.weight

    def init_hidden(self, bsz):
        weight = next(self.parameters())
        return weight.new_zeros(self.n_layers, bsz, self.n_hidden)

    def forward(self, x, hidden=None):
        if hidden is None:
            hidden = self.init_hidden(x.size(0))
        out, hidden = self.rnn(self.embed(x), hidden)
        out = out.contiguous().view(-1, self.n_hidden)
        return self.decoder(out), hidden


class ManualLSTM(nn.Module):
    """The gates by hand, step by step."""

    def __init__(self, input_sz: int = 10, hidden_sz: int = 20):
        super().__init__()
        self.input_size = input_sz
        self.hidden_size = hidden_sz
        self.weight_ih = nn.Parameter(torch.Tensor(input_sz, hidden_sz * 4))
        self.weight_hh = nn.Parameter(torch.Tensor(hidden_sz, hidden_sz * 4))
        self.bias = nn.Parameter(torch.Tensor(hidden_sz * 4))
        self.init_weights()

    def init_weights(self):
        for p in self.parameters():
            if p.data.ndimension() >= 2:
                nn.init.xavier_uniform_(p.data)
            else:
                nn.init.zeros_(p.data)

    def forward(self, x, init_states=None):
        bs, seq_sz, _ = x.size()
        hidden_seq = []
        if init_states is None:
            h_t, c_t = (torch.zeros(bs, self.hidden_size).to(x.device), torch.zeros(bs, self.hidden_size).to(x.device))
        else:
            h_t, c_t = init_states
        HS = self.hidden_size
        for t in range(seq_sz):
            x_t = x[:, t, :]
            gates = x_t @ self.weight_ih + h_t @ self.weight_hh + self.bias
            i_t, f_t, g_t, o_t = (
                torch.sigmoid(gates[:, :HS]),
                torch.sigmoid(gates[:, HS : HS * 2]),
                torch.tanh(gates[:, HS * 2 : HS * 3]),
                torch.sigmoid(gates[:, HS * 3 :]),
            )
            c_t = f_t * c_t + i_t * g_t
            h_t = o_t * torch.tanh(c_t)
            hidden_seq.append(h_t.unsqueeze(0))
        hidden_seq = torch.cat(hidden_seq, dim=0)
        hidden_seq = hidden_seq.transpose(0, 1).contiguous()
        return hidden_seq, (h_t, c_t)
